"""Tidy tables and their data dictionary."""
