"""Preference and ratings: which one sounds better, and how good each is."""
