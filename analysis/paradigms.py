"""The tasks that the analysis knows: names, chance levels, decision models.

One table for fits, detection theory, tests and planning. A study's own names for its trial
types (:data:`jndlab.study.trials.TASKS`) of measure "correct" and "detection" are among the names
and aliases.
"""

from __future__ import annotations

from dataclasses import dataclass

from jndlab.errors import DataError

INDEPENDENT, DIFFERENCING = "independent_observation", "differencing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paradigm:
    """A task, as far as its chance level and its decision models are concerned."""

    name: str
    title: str
    """As a sentence would call it: 'an ABX trial'."""
    guess_rate: float | None
    """Chance of a correct response by guessing; None where there is none (yes/no, same-different:
    what is counted is one kind of response, and its rate without a difference is estimated)."""
    models: tuple[str, ...] = ()
    """Decision models of which one must be chosen; the first is the default. Empty: only one."""

    def model(self, model: str | None) -> str | None:
        """The decision model asked for, or the default. DataError: there is no such model."""
        if model is None:
            return self.models[0] if self.models else None
        if model not in self.models:
            known = ", ".join(self.models) or "none: it has one model only"
            raise DataError(
                f"There is no decision model {model!r} for {self.name}.", f"Its models: {known}."
            )
        return model


PARADIGMS: dict[str, Paradigm] = {
    paradigm.name: paradigm
    for paradigm in (
        Paradigm(name="yes_no", title="yes/no", guess_rate=None),
        Paradigm(name="2afc", title="two-interval", guess_rate=1 / 2),
        Paradigm(name="3afc", title="3AFC", guess_rate=1 / 3),
        Paradigm(name="4afc", title="4AFC", guess_rate=1 / 4),
        Paradigm(name="5afc", title="5AFC", guess_rate=1 / 5),
        Paradigm(name="abx", title="ABX", guess_rate=1 / 2, models=(INDEPENDENT, DIFFERENCING)),
        Paradigm(name="abxy", title="ABXY", guess_rate=1 / 2),
        Paradigm(name="axb", title="AXB", guess_rate=1 / 2, models=(INDEPENDENT, DIFFERENCING)),
        Paradigm(
            name="two_interval_standard",
            title="two-interval (after a standard)",
            guess_rate=1 / 2,
            models=(INDEPENDENT, DIFFERENCING),
        ),
        Paradigm(name="4iax", title="4IAX", guess_rate=1 / 2),
        Paradigm(name="oddity", title="oddity (triangle)", guess_rate=1 / 3),
        Paradigm(name="duo_trio", title="duo-trio", guess_rate=1 / 2),
        Paradigm(name="tetrad", title="tetrad", guess_rate=1 / 3),
        Paradigm(
            name="same_different",
            title="same-different",
            guess_rate=None,
            models=(INDEPENDENT, DIFFERENCING),
        ),
    )
}
_ALIASES = {
    "two_interval": "2afc",
    "2ifc": "2afc",
    "triangle": "oddity",
    "duotrio": "duo_trio",
    "yes/no": "yes_no",
    "reminder": "two_interval_standard",
    "dual_pair": "4iax",
    "ax": "same_different",
}


def get_paradigm(name: str) -> Paradigm:
    """The paradigm called ``name``, whatever its case and hyphens. DataError if there is none.

    >>> get_paradigm("two-interval").name, get_paradigm("2AFC").guess_rate
    ('2afc', 0.5)
    """
    key = str(name).lower().replace("-", "_")
    key = _ALIASES.get(key, key)
    if key not in PARADIGMS:
        raise DataError(f"There is no paradigm {name!r}.", f"Use one of: {', '.join(PARADIGMS)}.")
    return PARADIGMS[key]


def require_guess_rate(name: str) -> float:
    """The chance level of a paradigm. DataError if it has none, or if there is no such paradigm."""
    paradigm = get_paradigm(name)
    if paradigm.guess_rate is None:
        raise DataError(
            f"{paradigm.name} has no chance level: a listener's bias sets the rate of responses.",
            "Use a paradigm with a correct response, or a method made for this one.",
        )
    return paradigm.guess_rate
