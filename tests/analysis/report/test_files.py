"""Numbers and figures as files: complete, readable, the same every time."""

from __future__ import annotations

import json

from jndlab.analysis import AnalysisOptions, TrialTable, analyse_study, report_files


def test_all_numbers_and_figures_as_files(study_rows) -> None:
    rows = study_rows(common={"condition": "a b"})
    options = AnalysisOptions(n_resamples=100, group_model=False, equivalence_bound=0.7)
    analysis = analyse_study(TrialTable.from_rows(rows), seed=1, options=options)
    files = dict(report_files(analysis))
    names = {"flow", "catch", "patterns", "times", "bias", "learning", "items"}
    of_condition = ["curve", "equivalence", "listeners", "listener-curves-1"]
    of_condition += ["priors", "goodness", "residuals", "influential"]
    names |= {f"a-b-{name}" for name in of_condition}
    expected = {f"figures/{name}.{kind}" for name in names for kind in ("svg", "pdf")}
    assert set(files) == expected | {"numbers.json"}
    numbers = json.loads(files["numbers.json"])
    (condition,) = numbers["conditions"]
    threshold = analysis.conditions[0].jnds[0].threshold.value
    assert condition["jnds"][0]["threshold"]["value"] == threshold
    assert condition["levels"][0]["equivalence"]["verdict"] == "equivalent"
    assert numbers["options"]["equivalence_bound"] == 0.7
    assert files["figures/flow.pdf"].startswith(b"%PDF")
    assert dict(report_files(analysis)) == files
