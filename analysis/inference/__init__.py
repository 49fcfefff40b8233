"""Is there a difference, or none: tests, Bayes factors, equivalence, sequential designs."""
