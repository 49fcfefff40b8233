"""Backups: a data folder with its database, copied while the server runs, and put back."""
