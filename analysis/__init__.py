"""Psychometric analysis on plain arrays and tidy tables: no server, no database."""
