"""The README of a data package: what lies where, and how to go on with it."""

from __future__ import annotations

from collections.abc import Sequence

from jndlab.export.package.descriptor import NAME, WrittenFile
from jndlab.study.csv_cells import CSV_RULE

_TOLD = (
    "The study files in `study/` hold the seed: with it every participant's order of trials can be "
    "made again and compared with what was presented."
)
_PSEUDONYMS = (
    "Participants are numbers and sessions random names. Ids of recruiters and names of "
    "experimenters are not in here."
)
_FREE_TEXT = (
    " What participants typed into text fields is: read `data/questionnaires.csv` before you "
    "publish it."
)
_WITHHELD = (
    "**The seed and the participants' codes are left out**, because the study was not over when "
    "this was exported. Whoever knows the seed knows the right answers of everybody who is still "
    "to come, and a short seed can be found by trying: keep this package to yourself until the "
    "study is closed, then export it again."
)


def readme(
    *,
    title: str,
    slug: str,
    state: str,
    files: Sequence[WrittenFile],
    licence: str,
    with_seed: bool,
) -> str:
    """The text, in Markdown."""
    tables = [file for file in files if file.table is not None]
    others = [file for file in files if file.table is None]
    names = {file.path for file in files}
    parts = [
        f"# {title}",
        f"Data of the listening test `{slug}`, exported by jndlab. State of the study at the "
        f"export: {state}.",
        _PSEUDONYMS + (_FREE_TEXT if "data/questionnaires.csv" in names else ""),
        _licence(licence),
        "## Tables",
        "\n".join(
            [
                "| file | rows | what a row is |",
                "| --- | ---: | --- |",
                *(f"| `{f.path}` | {f.n_rows} | {_row_is(f)} |" for f in tables),
            ]
        ),
        f"UTF-8, commas, one header row, line ends CR LF, empty cells where nothing is known, "
        f"times in UTC (ISO 8601), 1 and 0 for yes and no. {CSV_RULE}",
        "`session` joins trials, checks, events and questionnaires with `data/sessions.csv`; "
        "`study_digest` says under which version of the study a session ran.",
        "## Other files",
        "\n".join(
            [
                *(f"- `{file.path}`: {file.title}." for file in others),
                f"- `{NAME}`: a Frictionless Data Package that describes all files, with types, "
                "constraints, keys and SHA-256 digests.",
            ]
        ),
        _TOLD if with_seed else _WITHHELD,
        "Every plan was signed when its session was opened, and every file and trial when it was "
        "exported. `jndlab verify PACKAGE.zip` checks the signatures, makes the plans again and "
        "compares what was presented"
        + ("" if with_seed else " (without the seed it needs the study file: `--study`)")
        + ". Ask whoever gave you this for the public key, and compare.",
        "## The report",
        "With jndlab installed, `jndlab report PACKAGE.zip` makes the report of this study again, "
        "with the same numbers (`pip install jndlab`; the versions used are in `software.json`). "
        "A folder with the unpacked files does as well.",
        "## Other programs",
        "\n".join(
            [
                '- R: `read.csv("data/trials.csv")`, or all with the package `frictionless`.',
                '- Python: `pandas.read_csv("data/trials.csv")`, or '
                '`jndlab.analysis.load_trials("data/trials.csv")`.',
                "- JASP, jamovi: open `data/trials.csv`.",
                "- SPSS: `jndlab export STUDY --format sav` writes labelled .sav files.",
            ]
        ),
        "Analyse answers by participant: trials of one person are not independent of each other. "
        "Take `phase` main and `trial_kind` test, one `session_kind` at a time. "
        + (
            "`data/exclusions.csv` lists what the rules of the study file leave out; nothing was "
            "taken out of the other tables."
            if "data/exclusions.csv" in names
            else "Nothing was left out of the tables."
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _licence(licence: str) -> str:
    if licence:
        return f"Licence: {licence}."
    return "No licence is stated: ask whoever gave you this before you use it."


def _row_is(file: WrittenFile) -> str:
    return file.title.partition(": ")[2].removeprefix("one row per ")
