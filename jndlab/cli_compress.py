"""`jndlab compress`: graded stimuli from a model and its compressed versions."""

from __future__ import annotations

import click


@click.group()
def compress() -> None:
    """Render graded stimuli from a model and its compressed versions."""
