"""Populations of listeners and items: mixed psychometric models."""
