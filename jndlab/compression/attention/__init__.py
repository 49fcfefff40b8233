"""MANNER and its students by multi-view attention transfer (Shin et al. 2022)."""
