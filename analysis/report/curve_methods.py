"""How curves, JNDs, tests and comparisons were made, for studies and for counts from anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from jndlab.analysis.groups.comparison import ConditionComparison
from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.report.adaptive_wording import adaptive_paragraphs
from jndlab.analysis.report.citations import Citations
from jndlab.analysis.report.formats import format_number, format_share
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.results import ConditionAnalysis
from jndlab.sigmoids import sigmoid_name

SIGMOIDS = {
    "norm": "the cumulative normal",
    "logistic": "the logistic",
    "gumbel": "the Gumbel",
    "reversed-gumbel": "the reversed Gumbel",
    "weibull": "the Weibull",
    "lognormal": "the log-normal",
    "hyperbolic-secant": "the hyperbolic secant",
    "student-t": "Student’s t (one degree of freedom)",
}
_D_PRIME_WORKS = {
    "abx": ("macmillan", "hautus"),
    "axb": ("macmillan", "hautus"),
    "abxy": ("macmillan", "hautus"),
    "3afc": ("hacker",),
    "4afc": ("hacker",),
    "5afc": ("hacker",),
    "oddity": ("ennis",),
    "duo_trio": ("ennis",),
    "tetrad": ("ennis_tetrad",),
}
_RULES = {
    "4iax": "listeners choose the pair that differs more",
    "abxy": "listeners compare the order of A and B with that of X and Y",
    "oddity": "listeners choose the sound that is left when the most alike two are put together",
    "duo_trio": "listeners choose the sound that is nearer to the reference",
    "tetrad": "listeners put the most alike together",
}
"""How listeners decide, of paradigms with a single decision model."""


def analysis_methods(
    conditions: Sequence[ConditionAnalysis], options: AnalysisOptions, citations: Citations
) -> list[tuple[str, str]]:
    """Curve, JND and tests: what a study and counts from anywhere have in common."""
    paragraphs = []
    fitted = [one for one in conditions if one.fit is not None]
    paragraphs += adaptive_paragraphs(conditions, citations)
    if fitted:
        paragraphs.append(("Psychometric function", _curve(fitted[0], options, citations)))
        paragraphs.append(("Just-noticeable difference", _jnd(conditions, options, citations)))
    return [*paragraphs, ("Tests", _tests(conditions, options, citations))]


def _curve(condition: ConditionAnalysis, options: AnalysisOptions, citations: Citations) -> str:
    a, b = options.lapse_prior
    return (
        f"Answers to {get_paradigm(condition.paradigm).title} trials (chance level "
        f"{format_share(condition.guess_rate)}) were pooled {_over(condition)}at each "
        "level. A psychometric function ψ = γ + (1 − γ − λ) F with "
        f"{SIGMOIDS[sigmoid_name(options.sigmoid)]} function for F, guess rate γ = "
        f"{format_number(condition.guess_rate, 3).rstrip('0')}, free lapse rate λ and "
        "beta-binomial counts was fitted by integrating its posterior under priors for "
        f"threshold, width and overdispersion that follow from the tested levels "
        f"{citations.cite('schuett')} and a Beta({a:g}, {b:g}) prior for λ; fixing λ at 0 would "
        f"bias the threshold {citations.cite('wichmann')}. Estimates are posterior means, "
        f"intervals have equal tails and a coverage of {format_share(options.coverage)}. "
    ) + _goodness(condition, citations)


def _goodness(condition: ConditionAnalysis, citations: Citations) -> str:
    if condition.adaptive is not None:
        return (
            "Goodness of fit was not tested, because numbers of trials per level followed from the "
            "answers."
        )
    return (
        "Goodness of fit was judged by the deviance, trends of its residuals and the influence of "
        f"single levels, against {_simulated(condition)}data sets simulated from the fit "
        f"{citations.cite('wichmann')}."
    )


def _over(condition: ConditionAnalysis) -> str:
    if condition.compression:
        return "over listeners and items "
    return "over listeners " if len(condition.listeners) > 1 else ""


def _simulated(condition: ConditionAnalysis) -> str:
    return "" if condition.goodness is None else f"{condition.goodness.n_simulations} "


def _jnd(
    conditions: Sequence[ConditionAnalysis], options: AnalysisOptions, citations: Citations
) -> str:
    text = (
        "The JND was defined as the level at which the curve without lapses, "
        f"γ + (1 − γ) F, reaches {format_share(options.target_probability)} correct."
    )
    if any(one.group is not None for one in conditions):
        text += (
            f" Its interval is the {format_share(options.coverage)} percentile interval of "
            f"{options.n_resamples} resamples in which whole listeners were drawn with replacement "
            f"and the pooled curve was fitted anew {citations.cite('davison')}, because answers of "
            f"one listener are not independent {citations.cite('moscatelli')}."
        )
    if any(one.mixed is not None for one in conditions):
        text += (
            " A mixed model with a normal threshold per listener was fitted by maximum marginal "
            f"likelihood with adaptive quadrature {citations.cite('moscatelli')}; its intervals "
            "are profile likelihoods with a t correction for the number of listeners."
        )
    if any(len(one.listeners) > 1 for one in conditions):
        text += (
            " Each listener's own threshold comes from a curve of the same form fitted to that "
            "listener's answers, with binomial counts and the same priors."
        )
    if conditions[0].compression:
        text += " Items were not resampled: the result is about these recordings."
    return text


def _tests(
    conditions: Sequence[ConditionAnalysis], options: AnalysisOptions, citations: Citations
) -> str:
    text = _d_prime(conditions[0].paradigm, options, citations) + (
        f" Proportions have exact intervals {citations.cite('clopper')}; tests against chance are "
        f"exact binomial tests, adjusted over levels by Holm's method {citations.cite('holm')}."
    )
    if options.equivalence_bound is not None:
        scale = options.bound_on.replace("_", " ").replace("d prime", "d′")
        text += (
            f" Equivalence to within a {scale} of {options.equivalence_bound:g} was tested at "
            f"each level {_unit_of_equivalence(conditions, options)}; it follows the logic of two "
            f"one-sided tests {citations.cite('schuirmann')}."
        )
    return text


def compared_methods(
    comparisons: Sequence[ConditionComparison], citations: Citations
) -> list[tuple[str, str]]:
    """Conditions against each other, where there are any to compare."""
    paragraphs = []
    if comparisons:
        work = citations.cite("moscatelli")
        text = (
            "Thresholds of conditions on one axis were compared in a mixed model with random "
            "thresholds, and random shifts of listeners who heard both conditions "
            f"{work}, by likelihood-ratio tests with the listener as the unit; p-values are not "
            "adjusted for the number of pairs."
        )
        paragraphs.append(("Conditions", text))
    return paragraphs


def _unit_of_equivalence(conditions: Sequence[ConditionAnalysis], options: AnalysisOptions) -> str:
    tests = [row.equivalence for one in conditions for row in one.levels if row.equivalence]
    if tests and all(test.unit != "listeners" for test in tests):
        return f"by an exact one-sided binomial test (error rate {options.alpha:g})"
    return (
        f"with the listener as the unit (error rate {options.alpha:g}): the p-value is the largest "
        "over all populations of listeners whose mean lies at the bound and whose standard "
        "deviation is at most 0.15 in proportion correct"
    )


def _d_prime(paradigm: str, options: AnalysisOptions, citations: Citations) -> str:
    task = get_paradigm(paradigm)
    if task.name == "2afc":
        return f"The sensitivity d′ is √2 z(p) for two intervals {citations.cite('macmillan')}."
    works = citations.cite(*_D_PRIME_WORKS.get(task.name, ("macmillan",)))
    model = task.model(options.decision_model)
    if model:
        told = model.replace("_", "-")
        return f"The sensitivity d′ was computed for {task.title} under the {told} model {works}."
    if task.name in _RULES:
        return (
            f"The sensitivity d′ was computed for the {task.title} task, taking it that "
            f"{_RULES[task.name]} {works}."
        )
    return f"The sensitivity d′ was computed for the {task.title} task {works}."
