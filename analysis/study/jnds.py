"""The just-noticeable differences of a condition, each with its definition in words."""

from __future__ import annotations

from jndlab.analysis.fits.bootstrap import ListenerBootstrap
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.study.results import Jnd


def jnds_of(
    fit: PsychometricFit | None, group: ListenerBootstrap | None, *, target_probability: float
) -> tuple[Jnd, ...]:
    """The headline first, then d′ = 1 under every decision model of the paradigm."""
    if fit is None:
        return ()
    source: PsychometricFit | ListenerBootstrap = group if group is not None else fit
    unit = "listeners" if group is not None else "trials"
    paradigm = get_paradigm(fit.paradigm)
    share = f"{100 * target_probability:.3g}%"
    found = [
        Jnd(
            definition=f"the level at which {share} of {paradigm.title} answers are right, leaving "
            "lapses of attention aside",
            label=f"{share} correct",
            threshold=source.threshold_at(target_probability),
            unit_of_inference=unit,
        )
    ]
    for model in paradigm.models or (None,):
        threshold = source.threshold_at(d_prime=1.0, model=model)
        suffix = f", {_MODELS[model]}" if model else ""
        found.append(
            Jnd(
                definition="the level at which sensitivity d′ is 1 (here "
                f"{threshold.target_probability:.1%} of {paradigm.title} answers right{suffix}), "
                "leaving lapses of attention aside",
                label=f"d′ = 1{suffix}",
                threshold=threshold,
                unit_of_inference=unit,
            )
        )
    return tuple(found)


_MODELS = {
    "independent_observation": "independent observations",
    "differencing": "differencing",
}
