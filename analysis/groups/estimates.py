"""Every number of a fit by name, with its standard error."""

from __future__ import annotations

from jndlab.analysis.groups.maximum import Maximum
from jndlab.analysis.groups.quantities import all_named
from jndlab.analysis.groups.uncertainty import standard_error, vanished


def numbers_of(maximum: Maximum) -> tuple[dict[str, float], dict[str, float]]:
    """Estimates and standard errors by name, fixed rates among them."""
    model, point = maximum.surface.model, maximum.top.point[None]
    estimates, errors = {}, {}
    for name, named in all_named(model).items():
        estimates[name] = named.read(float(named.quantity(point)[0]))
        errors[name] = standard_error(maximum, named)
    if "correlation" in estimates and vanished(maximum):
        estimates["correlation"] = float("nan")  # of what does not vary
    for name, fixed in (("lapse_rate", model.lapse_rate), ("guess_rate", model.guess_rate)):
        if fixed is not None:
            estimates[name], errors[name] = fixed, 0.0
    return estimates, errors
