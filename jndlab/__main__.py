"""``python -m jndlab`` is ``jndlab``."""

from jndlab.cli import main

main()
