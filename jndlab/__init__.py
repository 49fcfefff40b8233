"""jndlab: listening tests for just-noticeable differences between compressed models."""

from jndlab._version import __version__

__all__ = ["__version__"]
