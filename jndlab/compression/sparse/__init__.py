"""Sparse regularisation, iterative pruning and clustering (Tan and Wang 2021) as axes."""
