"""Procedures: how the level of each trial is chosen."""
