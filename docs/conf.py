"""Sphinx: the Markdown of this folder as HTML. Built by `make docs`, with warnings as errors."""

from jndlab import __version__

project = "jndlab"
author = "The jndlab authors"
copyright = "The jndlab authors"
release = __version__

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"jndlab {release}"
html_copy_source = False
