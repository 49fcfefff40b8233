"""A family of students over widths: which there are, and where they stand on the axis. No torch.

Level and x of a student are log2(parameters of the baseline / parameters of the student): 1 is half
the size, 3.94 is 15.4 times smaller. Level 0 is as large as the baseline; a seed twin stands there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jndlab.compression.attention.counting import count_parameters
from jndlab.compression.attention.design import MANNER_SMALL, Design
from jndlab.compression.extras import require
from jndlab.compression.family import FamilyFacts
from jndlab.compression.training.course import FamilyProgress, require_other_seed
from jndlab.compression.training.data import Pairs
from jndlab.errors import CompressionError

UNIT = "log2 of times smaller"
WIDTHS = (48, 36, 30, 24, 18, 12, 8)
"""At depth 3 and beside MANNER-S: 6 to 157 times smaller. 30 is the published student."""
DEPTH = 3
BETA = 0.1
"""Weight of the transfer beside the enhancement loss; that of Shin et al. 2022 was not found. The
six maps of MANNER-S begin near 4.5 in all, where the enhancement loss is near 1: with 0.1 the task
still leads."""

TransferWish = Literal["with", "without", "both"]
FOLDERS = {"with": "with-transfer", "without": "without-transfer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is trained, and how. Equal plans and data give equal weights on one kind of machine."""

    baseline: Design = MANNER_SMALL
    """The uncompressed network, which is also the teacher."""
    students: tuple[Design, ...] = tuple(Design(hidden=width, depth=DEPTH) for width in WIDTHS)
    seed: int = 1
    twin_seed: int | None = 2
    """Of a second baseline that differs in nothing else; None for none."""
    steps: int = 20_000
    baseline_steps: int | None = None
    """Where the baseline is to be trained for longer than its students."""
    batch_size: int = 4
    seconds: float = 4.0
    learning_rate: float = 1e-3
    beta: float = BETA
    device: str = "cpu"

    def __post_init__(self) -> None:
        if min(self.steps, self.batch_size, self.baseline_steps or 1) < 1:
            raise CompressionError(
                "A training needs at least one step and one sound in a batch.",
                "Name positive numbers.",
            )
        if not self.beta > 0 or not math.isfinite(self.beta):
            raise CompressionError(
                f"Attention transfer cannot weigh {self.beta:g}.",
                "Name a positive beta, or train without transfer.",
            )
        require_other_seed(self.seed, self.twin_seed)

    def levels(self) -> dict[float, Design]:
        """The students by level, least compressed first.

        Raises CompressionError for a student that is no smaller than the baseline, or two of
        one size.
        """
        if not self.students:
            raise CompressionError("There is no student to train.", "Name at least one width.")
        levels: dict[float, Design] = {}
        for student in self.students:
            level = level_of(self.baseline, student)
            if level <= 0 or level in levels:
                reason = "twice" if level in levels else "and is no smaller than the baseline"
                raise CompressionError(
                    f"A student of width {student.hidden} and depth {student.depth} is named"
                    f" {reason}.",
                    "Name every width once, narrower than the baseline.",
                )
            levels[level] = student
        return dict(sorted(levels.items()))


def level_of(baseline: Design, student: Design) -> float:
    """log2(parameters of the baseline / of the student), to three decimals."""
    ratio = count_parameters(baseline).count / count_parameters(student).count
    return round(math.log2(ratio), 3)


def family_facts(plan: Plan, *, transfer: bool) -> FamilyFacts:
    """What the levels of a trained family mean, for its folder."""
    taught = f"with attention transfer (β = {plan.beta:g})" if transfer else "without a teacher"
    return FamilyFacts(
        name="mv-at" if transfer else "students",
        unit=UNIT,
        compression="rises",
        rule=f"narrower and shallower networks, each trained {taught} from random weights",
    )


def train_students(
    pairs: Pairs,
    output: Path,
    plan: Plan,
    *,
    transfer: TransferWish = "with",
    validation: Pairs | None = None,
    progress: FamilyProgress | None = None,
) -> list[Path]:
    """Train baseline, twin and students; the checkpoints' paths, least compressed first.

    ``output`` gets baseline.npz, 0.npz (the twin), LEVEL.npz and family.json; with
    ``transfer="both"`` it gets two such folders, with-transfer and without-transfer, whose
    students begin from the same random weights and meet the same batches. A checkpoint that is
    there already is kept, and an interrupted training goes on where it stopped. Without
    ``validation`` a tenth of the pairs is held out. Raises CompressionError if what is there was
    trained otherwise or a training diverges, and MissingExtra without torch.
    """
    require("torch")
    from jndlab.compression.attention.distil import Trainer

    trainer = Trainer(plan=plan, pairs=pairs, validation=validation, progress=progress)
    if transfer != "both":
        return trainer.family(output, transfer=transfer == "with")
    told = output / FOLDERS["with"]
    paths = trainer.family(told, transfer=True)
    # Baseline and twin are trained once: the second folder gets copies.
    return paths + trainer.family(output / FOLDERS["without"], transfer=False, shared=told)
