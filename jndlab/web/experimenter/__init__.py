"""The experimenter's pages. Each module adds its views to the blueprint when it is imported."""

from jndlab.web.experimenter import downloads, jobs, live, overview, report, sign_in, studies
from jndlab.web.experimenter.blueprint import blueprint

__all__ = ["blueprint", "downloads", "jobs", "live", "overview", "report", "sign_in", "studies"]
