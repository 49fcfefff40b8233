"""What the fields of the design's form are called, and on which part of it they stand."""

from __future__ import annotations

LABELS: dict[str, str] = {
    "title": "Title",
    "paradigm": "Paradigm",
    "design.procedure": "Procedure",
    "design.trials_per_level": "Trials per level",
    "design.practice_trials": "Practice trials",
    "design.identical_trials": "Identical pairs (catch trials)",
    "design.gross_trials": "Gross differences (catch trials)",
    "design.trials_per_block": "Trials between breaks",
    "design.break_seconds": "A break lasts at least (s)",
    "design.confidence_steps": "Steps of confidence",
    "design.items_per_session": "Items in a session",
    "design.pairs": "What is compared",
    "design.participants": "Planned number of participants",
    "design.repeated_trials": "Repeated trials",
    "design.catch_placement": "Places of the catch trials",
    "design.part_order": "Order of the parts",
    "design.assignment": "Who takes which part",
    "design.resume_hours": "A session can be resumed for (h)",
    "design.practice_criterion.share": "Practice ends at a proportion correct of",
    "design.practice_criterion.last": "over the last trials (number)",
    "design.feedback": "Feedback",
    "stimuli.anchors_hz": "Anchors (cut-off in Hz)",
    "adaptive.n_down": "Right answers until it gets harder",
    "adaptive.n_up": "Wrong answers until it gets easier",
    "adaptive.target_probability": "Proportion correct to settle at",
    "adaptive.starts": "Starting levels",
    "adaptive.n_averaged": "Reversals averaged",
    "adaptive.sigmoid": "Form of the curves considered",
    "adaptive.shared_lapse": "One lapse rate for all conditions",
    "adaptive.stop.trials": "A track stops after trials",
    "adaptive.stop.reversals": "A track stops after reversals",
    "adaptive.stop.interval": "A track stops at an interval narrower than",
    "presentation.sample_rate_hz": "Sample rate (Hz)",
    "presentation.gap_ms": "Gap between intervals (ms)",
    "presentation.ramp_ms": "Fades (ms)",
    "presentation.switching": "A switch between intervals",
    "presentation.loop": "Sounds repeat",
    "presentation.loop_region": "A part of the sound can be chosen",
    "presentation.max_plays": "Most plays in a trial",
    "presentation.level_match": "Level matched to the baseline",
    "presentation.fresh_noise": "Noise in the last bit",
    "analysis.target_probability": "Proportion correct at the JND",
    "analysis.equivalence_bound": "Equivalence bound",
    "analysis.bound_on": "Scale of the bound",
    "analysis.quality_bound": "Bound of ratings and preference",
    "analysis.bound_reason": "Why this bound",
    "analysis.alpha": "Error rate (alpha)",
    "analysis.sigmoid": "Form of the curve",
    "analysis.decision_model": "Decision model of d′",
    "analysis.min_gross_correct": "Least proportion correct, gross differences",
    "analysis.include_unfinished": "Unfinished sessions are analysed",
    "analysis.sample_size": "Sample size",
    "analysis.stopping_rule": "Stopping rule",
    "analysis.min_practice_correct": "Least proportion correct, practice",
    "analysis.max_same_response": "Largest share of one response",
    "analysis.max_same_response_run": "Longest run of one response",
    "analysis.max_reloaded_trials": "Most reloaded trials",
    "analysis.max_gap_minutes": "Longest interruption (min)",
    "analysis.max_median_response_time_ms": "Longest median response time (ms)",
    "analysis.max_failed_checks": "Most failed checks",
    "analysis.max_resumes": "Most resumes",
    "analysis.max_hidden": "Most times that the page was hidden",
    "analysis.min_trials": "Fewest usable test trials",
    "analysis.min_response_time_ms": "Shortest response time (ms)",
    "analysis.max_response_time_ms": "Longest response time (ms)",
    "analysis.max_loads": "Most loads of a trial",
    "texts.consent": "Information and consent",
    "texts.contact": "Contact",
    "texts.thanks": "Thanks",
    "texts.debrief": "Debriefing",
    "language": "Language of the page",
    "completion_code": "Completion code",
    "screen_out_code": "Screen-out code",
    "checks": "Before the first trial",
}
"""What a field is called; another key is called by its name."""

HELP: dict[str, str] = {
    "paradigm": "What listeners do. All trial types are described under the list.",
    "stimuli.anchors_hz": "The baseline through low-pass filters of these frequencies, rated among "
    "the others. BS.1534-3 asks for 3500, 7000. Left out: none.",
    "design.procedure": "The same levels for everybody, or levels that follow from the answers.",
    "design.trials_per_level": "In a session, of each level of each condition: a multiple of the "
    "orders uses them equally often. MUSHRA: trials in a session, each with all levels.",
    "design.practice_trials": "At the two most compressed levels, before the test.",
    "adaptive.n_down": "In a row. Left out: 2. 1, 2, 3 and 4 settle at 50, 70.7, 79.4 and 84.1 % "
    "correct (Levitt 1971).",
    "adaptive.n_up": "In a row. Left out: 1.",
    "adaptive.target_probability": "In place of these numbers: a weighted staircase that settles "
    "there, such as 0.75 (Kaernbach 1991).",
    "adaptive.starts": "With commas between them: each is a track of its own in each condition. "
    "Left out: one track, from the most compressed level.",
    "adaptive.stop.trials": "At the latest: every rule needs this limit. All three left out: a "
    "staircase stops after 10 reversals or 80 trials, the others after 50 trials.",
    "adaptive.stop.reversals": "Whichever comes first.",
    "adaptive.stop.interval": "Width of the 95 % interval of the threshold, in the unit of the "
    "levels. Whichever comes first.",
}
"""What the form says of a field where the key's own description is for readers of the file."""

SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "basics",
        "Task",
        (
            "title",
            "paradigm",
            "design.procedure",
            "design.trials_per_level",
            "stimuli.anchors_hz",
            "adaptive.*",
        ),
    ),
    ("trials", "Trials and breaks", ("design.*",)),
    ("presentation", "Presentation", ("presentation.*",)),
    ("checks", "Checks", ("checks",)),
    ("texts", "Texts", ("texts.*", "language", "completion_code", "screen_out_code")),
    (
        "analysis",
        "Analysis plan",
        (
            "analysis.target_probability",
            "analysis.equivalence_bound",
            "analysis.bound_on",
            "analysis.quality_bound",
            "analysis.bound_reason",
            "analysis.sample_size",
            "analysis.stopping_rule",
            "analysis.alpha",
            "analysis.sigmoid",
            "analysis.decision_model",
            "analysis.include_unfinished",
        ),
    ),
    ("exclusions", "Exclusion rules", ("analysis.*",)),
)
"""Key, heading and fields of each part of the form; a star stands for those not named before."""

FOLDED = {"presentation", "checks", "exclusions"}
"""Parts of the form that are closed at first: what is there suits most studies."""
