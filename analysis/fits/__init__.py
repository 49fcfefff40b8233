"""Psychometric functions fitted to counts: designs, priors, engines, intervals, goodness of fit."""
