"""A small speech enhancer of our own, in NumPy: STFT, dense, GRU, mask."""
