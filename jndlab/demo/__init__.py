"""The demonstration: a small study with synthetic speech, taken by simulated listeners."""
