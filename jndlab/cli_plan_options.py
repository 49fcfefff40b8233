"""What `jndlab plan` assumes of listeners and of their ratings, as options."""

from __future__ import annotations

from typing import Any

import click


def listener_options(command: Any) -> Any:
    """What is assumed of the listeners, as options."""
    for option in reversed(_LISTENER_OPTIONS):
        command = option(command)
    return command


_LISTENER_OPTIONS = (
    click.option("--threshold", type=float, help="A level. [default: the middle of the levels]"),
    click.option(
        "--spread", type=float, help="SD of thresholds. [default: a quarter of the width]"
    ),
    click.option("--width", type=float, help="From 5 % to 95 %. [default: half the range]"),
    click.option(
        "--lapse-rate", type=float, default=0.02, show_default=True, help="Wrong at any level."
    ),
    click.option(
        "--proportion-correct",
        type=float,
        help="Of the average listener, instead of a level. [default for equivalence: chance]",
    ),
    click.option(
        "--proportion-spread",
        type=float,
        help="SD of proportions correct. [default: 0.05, at chance 0]",
    ),
    click.option(
        "--dropout", type=float, default=0.05, show_default=True, help="Share who do not finish."
    ),
    click.option(
        "--guessers", type=float, default=0.0, show_default=True, help="Share who always guess."
    ),
    click.option(
        "--min-gross-correct",
        type=float,
        help="Exclude listeners with fewer right of the gross catch trials. [default: nobody]",
    ),
)


def rating_options(command: Any) -> Any:
    """What is assumed of preferences and ratings, as options."""
    for option in reversed(_RATING_OPTIONS):
        command = option(command)
    return command


_RATING_OPTIONS = (
    click.option(
        "--difference", type=float, help="Ratings: the smallest mean difference to be found."
    ),
    click.option(
        "--share", type=float, help="Preferences: share for one side to be told from one half."
    ),
    click.option(
        "--rating-sd",
        type=float,
        help="Ratings: SD of one listener's ratings of one sound. [default: a fifth of the scale]",
    ),
    click.option(
        "--difference-sd",
        type=float,
        help="Ratings: SD of the true difference between listeners. [default: a tenth]",
    ),
)
