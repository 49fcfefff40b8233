"""Which of a curve's parameters vary from listener to listener, by name.

Two ways to say it. On the **linear predictor**, as lme4 and glmmTMB do: η = (intercept + u₀) +
(slope + u₁) · level, with (u₀, u₁) jointly normal over listeners. On the **psychometric
parameters**: threshold and log width are jointly normal over listeners, so that every listener has
a positive width and the spread of thresholds is a parameter in the unit of the level.

With one common slope both are one model: a random intercept with SD σ is a random threshold
with SD σ/|slope|.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jndlab.errors import FitError

RandomName = Literal[
    "none",
    "intercept",
    "slope",
    "slope-only",
    "intercept+condition",
    "threshold",
    "threshold+width",
    "threshold+condition",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomEffects:
    """What varies over listeners."""

    name: RandomName
    psychometric: bool
    """On threshold and log width; otherwise on intercept and slope."""
    parts: tuple[str, ...]
    """Names of what varies: intercept, slope; threshold, log_width; condition (its shift)."""
    correlated: bool
    """Two parts may be correlated over listeners."""
    text: str


_ALL: tuple[RandomEffects, ...] = (
    RandomEffects(
        name="none",
        psychometric=False,
        parts=(),
        correlated=False,
        text="no random effects: listeners are pooled",
    ),
    RandomEffects(
        name="intercept",
        psychometric=False,
        parts=("intercept",),
        correlated=False,
        text="random intercept per listener, level + (1 | listener)",
    ),
    RandomEffects(
        name="slope",
        psychometric=False,
        parts=("intercept", "slope"),
        correlated=True,
        text="random intercept and slope per listener, level + (level | listener)",
    ),
    RandomEffects(
        name="slope-only",
        psychometric=False,
        parts=("slope",),
        correlated=False,
        text="random slope per listener, level + (0 + level | listener)",
    ),
    RandomEffects(
        name="intercept+condition",
        psychometric=False,
        parts=("intercept", "condition"),
        correlated=True,
        text="random intercept per listener and condition, (0 + condition | listener)",
    ),
    RandomEffects(
        name="threshold",
        psychometric=True,
        parts=("threshold",),
        correlated=False,
        text="random threshold per listener",
    ),
    RandomEffects(
        name="threshold+width",
        psychometric=True,
        parts=("threshold", "log_width"),
        correlated=True,
        text="random threshold and log width per listener",
    ),
    RandomEffects(
        name="threshold+condition",
        psychometric=True,
        parts=("threshold", "condition"),
        correlated=True,
        text="random threshold per listener and condition",
    ),
)
RANDOM_EFFECTS: dict[str, RandomEffects] = {effects.name: effects for effects in _ALL}
"""The models of the spread over listeners, by name."""
_ALIASES = {
    "intercept+slope": "slope",
    "intercept,slope": "slope",
    "slope_only": "slope-only",
    "threshold+slope": "threshold+width",
    "threshold+log-width": "threshold+width",
    "threshold,width": "threshold+width",
}


def get_random_effects(name: str | None, *, correlated: bool = True) -> RandomEffects:
    """The random effects called ``name`` (None: none). FitError if there are none of that name.

    ``correlated`` False sets the correlation of two parts to 0, lme4's (level || listener).

    >>> get_random_effects("threshold + slope").parts
    ('threshold', 'log_width')
    """
    key = "none" if name is None else str(name).lower().replace(" ", "")
    key = _ALIASES.get(key, key)
    if key not in RANDOM_EFFECTS:
        raise FitError(
            f"There are no random effects called {name!r}.",
            f"Use one of: {', '.join(RANDOM_EFFECTS)}.",
        )
    effects = RANDOM_EFFECTS[key]
    if correlated or not effects.correlated:
        return effects
    return RandomEffects(
        name=effects.name,
        psychometric=effects.psychometric,
        parts=effects.parts,
        correlated=False,
        text=effects.text + ", uncorrelated",
    )
