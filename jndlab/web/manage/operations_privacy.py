"""Requests of the experimenter's API about people's data, and how long they are kept."""

from __future__ import annotations

from jndlab.web.manage import messages as m
from jndlab.web.manage import messages_privacy as mp
from jndlab.web.manage.described import STUDY
from jndlab.web.manage.described import operation as _op
from jndlab.web.operations import ANY_FILE

PRIVACY = (
    _op(
        "get",
        f"{STUDY}/retention",
        "How long what is personal is kept.",
        mp.RetentionView,
        right="view",
    ),
    _op(
        "put",
        f"{STUDY}/retention",
        "Say how long what is personal is kept, and what becomes of it then. No undo then.",
        mp.RetentionView,
        body=mp.SetRetention,
        right="own",
    ),
    _op(
        "post",
        f"{STUDY}/person",
        "Find the sessions of one person.",
        mp.FoundPeople,
        body=mp.FindPerson,
        right="own",
    ),
    _op(
        "post",
        f"{STUDY}/sessions/{{session}}/data",
        "Everything that is stored of one person; it is noted who asked.",
        gives=ANY_FILE,
        right="own",
    ),
    _op(
        "delete",
        f"{STUDY}/sessions/{{session}}",
        "Delete everything of one person for good; it is noted who did.",
        m.Done,
        right="own",
    ),
)
