"""The long forms of the faults: counts as they were promised, progress, and a table of outcomes.

make faults
make faults ARGS="--only kill kill-postgres --times 500"
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.faults.running import Outcome
from tests.faults.scenarios import SCENARIOS, Scenario


def main() -> int:
    options = _options()
    outcomes: list[Outcome] = []
    n_missing = n_broken = 0
    for name in options.only or SCENARIOS:
        scenario = SCENARIOS[name]
        if why := scenario.needs.missing():
            _say(f"{scenario.title}: NOT TRIED, {why}")
            n_missing += 1
        elif outcome := _try(name, scenario, options):
            outcomes.append(outcome)
        else:
            n_broken += 1
    _show(outcomes)
    return int(n_missing + n_broken > 0 or any(one.account.problems for one in outcomes))


def _try(name: str, scenario: Scenario, options: argparse.Namespace) -> Outcome | None:
    """What came of it; none where it broke off, which the others do not suffer from."""
    times = options.times or scenario.times
    _say(f"{scenario.title}: {times} times")
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix=f"jndlab-{name}-", dir=options.folder))
    try:
        outcome = scenario.run(folder, times=times, seed=options.seed, say=_say)
    except Exception:
        _say(f"  BROKEN OFF after {time.monotonic() - began:.0f} s, kept for a look: {folder}")
        _say(traceback.format_exc())
        return None
    _say(f"  {outcome.verdict} after {time.monotonic() - began:.0f} s: {_counts(outcome)}")
    for problem in outcome.account.problems[:10]:
        _say(f"  {problem}")
    if outcome.account.problems:
        _say(f"  kept for a look: {folder}")
    else:
        shutil.rmtree(folder)
    return outcome


def _counts(outcome: Outcome) -> str:
    """What the table will have, for whoever ends the run before it is shown."""
    told = {name: one for name, one in outcome.row().items() if name not in ("fault", "outcome")}
    return ", ".join(f"{name} {value}" for name, value in told.items())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", choices=list(SCENARIOS), help="these, not all")
    parser.add_argument("--times", type=int, help="how often each happens [default: its own]")
    parser.add_argument("--seed", type=int, default=1, help="of moments and answers")
    parser.add_argument("--folder", type=Path, help="where the data are kept meanwhile")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _show(outcomes: list[Outcome]) -> None:
    """As Markdown, ready for the documentation."""
    for number, row in enumerate(outcome.row() for outcome in outcomes):
        if number == 0:
            print("| " + " | ".join(row) + " |")
            print("| " + " | ".join("---" for _ in row) + " |")
        print("| " + " | ".join(row.values()) + " |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
