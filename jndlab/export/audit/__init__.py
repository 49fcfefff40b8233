"""The audit: what was acknowledged is stored, nothing is missing, and every chain is whole."""
