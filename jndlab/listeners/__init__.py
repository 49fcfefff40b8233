"""Simulated listeners with a known truth, in memory and through the real HTTP interface."""
