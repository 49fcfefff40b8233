"""Group communication (Luo et al. 2021): one small module shared by groups of features."""
