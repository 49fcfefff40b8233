"""Sign-exponent-only floating point (SEOFP-NET, Lin et al. 2022) as an axis."""
