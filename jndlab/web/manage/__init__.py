"""The experimenter's API: the deeds of the pages, for programs with a token."""

from jndlab.web.manage import data, links, making, people, running, studies
from jndlab.web.manage.blueprint import blueprint

__all__ = ["blueprint", "data", "links", "making", "people", "running", "studies"]
