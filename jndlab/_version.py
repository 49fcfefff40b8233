"""The version, in one place. A file of its own, so that reading it imports nothing."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("jndlab")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"
