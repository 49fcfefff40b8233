"""Answers of listeners with known opinions, as rows of a tidy table, for the tests of quality."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from jndlab.analysis.study.data import TrialTable

Sides = tuple[str, float | None]
Row = dict[str, Any]
Opinion = Mapping[Sides, float]
BASELINE: Sides = ("baseline", None)
TRUTH: Mapping[Sides, float] = {
    BASELINE: 0.0,
    ("seofp", 4.0): 0.0,
    ("seofp", 2.0): -0.6,
    ("seofp", 0.0): -1.8,
    ("prune", 0.5): -0.2,
    ("prune", 0.9): -1.2,
}
"""Opinions in standard deviations of one vote, for want of another unit."""
CONDITIONS = {"seofp": ("falls", "fraction bits"), "prune": ("rises", "sparsity")}
_BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def simulate(
    paradigm: str,
    *,
    truth: Mapping[Sides, float] = TRUTH,
    n_listeners: int = 16,
    n_items: int = 4,
    repeats: int = 1,
    spread: float = 0.4,
    first: float = 0.0,
    anchors: tuple[float, ...] = (3500.0, 7000.0),
    every_pair: bool = False,
    n_repeated: int = 0,
    n_identical: int = 0,
    careless: tuple[int, ...] = (),
    seed: int = 1,
) -> list[dict[str, Any]]:
    """Rows of a study: every listener hears every item at every level ``repeats`` times.

    ``spread``: standard deviation between listeners' opinions of one version. ``first``: by how
    much what is heard first is favoured. ``careless`` participants answer at random.
    """
    rows: list[dict[str, Any]] = []
    for participant in range(1, n_listeners + 1):
        rng = np.random.default_rng([seed, participant])
        opinion = {
            side: value + (spread * rng.normal() if side != BASELINE else 0.0)
            for side, value in truth.items()
        }
        trials = _trials(paradigm, truth, n_items, repeats, anchors, every_pair, n_identical)
        trials += [{**trials[at], "trial_kind": "repeated"} for at in range(n_repeated)]
        for number, trial in enumerate(trials, start=1):
            leniency = 0.5 * np.random.default_rng([seed, participant, 7]).normal()
            say = _careless if participant in careless else _SAY[paradigm]
            response = say(rng, trial, opinion, leniency, first)
            presented = _BEGIN + timedelta(hours=participant, seconds=20 * number)
            rows.append(
                {
                    **_constant(participant, paradigm),
                    **{key: value for key, value in trial.items() if not key.startswith("_")},
                    "trial": number,
                    "response_time_ms": round(float(rng.lognormal(8.0, 0.3)), 1),
                    "response": response,
                    "presented_at": presented.isoformat(),
                    "answered_at": (presented + timedelta(seconds=9)).isoformat(),
                }
            )
    return rows


def simulated_table(paradigm: str, **changes: Any) -> TrialTable:
    """The same as a table."""
    return TrialTable.from_rows(simulate(paradigm, **changes))


def _trials(
    paradigm: str,
    truth: Mapping[Sides, float],
    n_items: int,
    repeats: int,
    anchors: tuple[float, ...],
    every_pair: bool,
    n_identical: int,
) -> list[dict[str, Any]]:
    items = [f"item{number}" for number in range(n_items)]
    if paradigm == "mushra":
        rated = [*truth, *(("anchor", one) for one in anchors)]
        return [_several(item, rated) for item in items for _ in range(repeats)]
    sides = list(truth)
    tested = [one for one in sides if one != BASELINE]
    if paradigm == "acr":
        pairs = [(one, BASELINE) for one in sides]
    elif every_pair:
        pairs = [(sides[j], sides[i]) for i in range(len(sides)) for j in range(i + 1, len(sides))]
    else:
        pairs = [(one, BASELINE) for one in tested]
    made = [
        _pair(paradigm, item, one, other, turn)
        for at, (one, other) in enumerate(pairs)
        for place, item in enumerate(items)
        for turn in range(at + place, at + place + repeats)
    ]
    made += [
        {**_pair(paradigm, items[n % n_items], tested[-1], BASELINE, n), "trial_kind": "identical"}
        for n in range(n_identical)
    ]
    return made


def _several(item: str, rated: list[Sides]) -> dict[str, Any]:
    return {
        "trial_kind": "test",
        "item": item,
        "condition": None,
        "level": None,
        "level_unit": None,
        "compression": None,
        "order": "drawn",
        "sounds": ";".join(_sound(one) for one in [BASELINE, *rated]),
        "_rated": rated,
    }


def _pair(paradigm: str, item: str, one: Sides, other: Sides, turn: int) -> dict[str, Any]:
    codes = {"acr": ["C"], "dcr": ["BC"], "bs1116": ["B-BC", "B-CB"]}.get(paradigm, ["BC", "CB"])
    order = codes[turn % len(codes)]
    direction, unit = CONDITIONS.get(one[0], (None, None))
    return {
        "trial_kind": "test",
        "item": item,
        "condition": one[0],
        "level": one[1],
        "level_unit": unit,
        "compression": direction,
        "compared_with": other[0],
        "compared_level": other[1],
        "order": order,
        "sounds": ";".join(
            _sound(one if letter == "C" else other) for letter in order if letter in "BC"
        ),
        "_pair": (one, other),
    }


def _sound(side: Sides) -> str:
    return side[0] if side[1] is None else f"{side[0]}@{side[1]:g}"


def _gap(trial: Row, opinion: Opinion, first: float) -> tuple[float, int]:
    """How much better the version under test seems, and 1 where it comes first, −1 second."""
    one, other = trial["_pair"]
    sign = 1 if trial["order"].rpartition("-")[2].startswith("C") else -1
    gap = 0.0 if trial["trial_kind"] == "identical" else opinion[one] - opinion[other]
    return gap + sign * first, sign


Say = Callable[[np.random.Generator, Row, Opinion, float, float], str]


def _preference(
    rng: np.random.Generator, trial: Row, opinion: Opinion, leniency: float, first: float
) -> str:
    gap, sign = _gap(trial, opinion, first)
    prefers = gap + rng.normal() > 0
    return "A" if prefers == (sign > 0) else "B"


def _ccr(
    rng: np.random.Generator, trial: Row, opinion: Opinion, leniency: float, first: float
) -> str:
    gap, sign = _gap(trial, opinion, first)
    vote = int(np.digitize(gap + rng.normal(), [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])) - 3
    return str(-sign * vote)


def _acr(
    rng: np.random.Generator, trial: Row, opinion: Opinion, leniency: float, first: float
) -> str:
    latent = opinion[trial["_pair"][0]] + leniency + rng.normal()
    return str(int(np.digitize(latent, [-2.0, -1.0, 0.0, 1.0])) + 1)


def _dcr(
    rng: np.random.Generator, trial: Row, opinion: Opinion, leniency: float, first: float
) -> str:
    gap, _ = _gap(trial, opinion, 0.0)
    return str(int(np.digitize(gap + leniency + rng.normal(), [-2.5, -1.8, -1.1, -0.4])) + 1)


def _bs1116(
    rng: np.random.Generator, trial: Row, opinion: Opinion, leniency: float, first: float
) -> str:
    gap, sign = _gap(trial, opinion, 0.0)
    heard = gap + 0.5 * rng.normal()
    grade = round(float(np.clip(5.0 - abs(heard), 1.0, 4.9)), 1)
    test, reference = (grade, 5.0) if heard < 0 else (5.0, grade)
    return f"{test};{reference}" if sign > 0 else f"{reference};{test}"


def _mushra(
    rng: np.random.Generator, trial: Row, opinion: Opinion, leniency: float, first: float
) -> str:
    known = {("anchor", 3500.0): -3.5, ("anchor", 7000.0): -1.6}
    votes = []
    for side in trial["_rated"]:
        value = opinion.get(side, known.get(side, -2.0))
        vote = 96.0 + 20.0 * value + (1.5 if side == BASELINE else 6.0) * rng.normal()
        votes.append(str(int(np.clip(vote, 0, 100))))
    return ";".join(votes)


def _careless(
    rng: np.random.Generator, trial: Row, opinion: Opinion, leniency: float, first: float
) -> str:
    if "_rated" in trial:
        return ";".join(str(one) for one in rng.integers(20, 100, size=len(trial["_rated"])))
    return str(rng.choice(["A", "B"]))


_SAY: dict[str, Say] = {
    "preference": _preference,
    "ccr": _ccr,
    "acr": _acr,
    "dcr": _dcr,
    "bs1116": _bs1116,
    "mushra": _mushra,
}


def _constant(participant: int, paradigm: str) -> dict[str, Any]:
    return {
        "study": "demo",
        "study_digest": "d" * 64,
        "session": f"s{participant:03d}",
        "session_kind": "participant",
        "session_state": "finished",
        "participant": participant,
        "paradigm": paradigm,
        "guess_rate": None,
        "block": 1,
        "phase": "main",
        "correct_response": None,
        "correct": None,
        "response_time_ms": None,
        "plays": "1;1",
        "n_loads": 1,
        "jndlab_version": "0.1.0",
    }
