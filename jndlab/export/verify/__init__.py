"""Checking what was presented against the plans that were signed before."""
