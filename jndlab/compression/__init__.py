"""The families of compressed models, as graded axes of stimuli."""
