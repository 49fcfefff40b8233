"""From a tidy table to the analysis of a study: exclusions, checks, conditions, results."""
