"""The experimenter's API: the deeds of the pages, for programs with a token."""

from jndlab.web.manage import (
    copies,
    data,
    links,
    making,
    people,
    privacy,
    registration,
    running,
    sounds,
    studies,
    watching,
)
from jndlab.web.manage.blueprint import blueprint

__all__ = [
    "blueprint",
    "copies",
    "data",
    "links",
    "making",
    "people",
    "privacy",
    "registration",
    "running",
    "sounds",
    "studies",
    "watching",
]
