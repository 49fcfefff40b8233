"""The rule of every view for experimenters: who may use it. A view without a rule is an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar, cast

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from jndlab.errors import AccessDenied, StudyUnknown
from jndlab.store.rights import RIGHTS, Access, Right, SignedIn, access_to, includes

Rule = Literal["nobody", "signed-in", "admin", "view", "analyse", "edit", "own"]
"""nobody: no sign-in is needed. The last four are rights in the study that the address names."""

View = TypeVar("View", bound=Callable[..., Any])

_RULE = "jndlab_rule"
GUARDED = ("experimenter.", "manage.")
"""The blueprints whose views all need a rule."""


def needs(rule: Rule) -> Callable[[View], View]:
    """Mark a view with its rule."""

    def mark(view: View) -> View:
        setattr(view, _RULE, rule)
        return view

    return mark


def rule_of(endpoint: str | None) -> Rule:
    """The rule of a view, by its endpoint."""
    view = current_app.view_functions[endpoint or ""]
    return cast(Rule, getattr(view, _RULE))


def require_rules(app: Flask) -> None:
    """Raise RuntimeError for a view without a rule, or one whose study is not in its address."""
    for route in app.url_map.iter_rules():
        if not route.endpoint.startswith(GUARDED):
            continue
        rule = getattr(app.view_functions[route.endpoint], _RULE, None)
        if rule is None:
            raise RuntimeError(f"{route.endpoint} has no rule: who may use it?")
        if rule in RIGHTS and "slug" not in route.arguments:
            raise RuntimeError(f"{route.endpoint} needs a right in a study, and names none")


def check_rule(db: Session, user: SignedIn, rule: Rule, slug: str | None) -> Access | None:
    """What ``user`` may do with the study of the request; None where it is about none.

    Raises StudyUnknown for a study that is not there or not theirs, AccessDenied for a right
    that they do not have.
    """
    if rule == "admin" and not user.is_admin:
        raise AccessDenied("Only administrators can do this.", "Ask one of them.")
    if rule not in RIGHTS:
        return None
    access = access_to(db, user, slug or "")
    if access is None:
        raise StudyUnknown(
            f"There is no study {slug!r} here that you have a part in.",
            "Look at the list of studies, or ask its owner to add you.",
        )
    if not access.allows(rule):
        raise AccessDenied(f"Your role in {access.title!r} does not allow this.", _WANTED[rule])
    return access


_WANTED: dict[Right, str] = {
    "view": "Ask the owner to make you a viewer.",
    "analyse": "Ask the owner to make you an analyst.",
    "edit": "Ask the owner to make you an editor.",
    "own": "Only an owner of the study can do this.",
}


def require_scope(right: Right) -> None:
    """Raise AccessDenied if the token of this request is for less, where no study is named."""
    if not includes(the_user().scope, right):
        raise AccessDenied(
            f"The token's scope does not include {right!r}.", "Make one with a wider scope."
        )


def the_study() -> Access:
    """The study of this request, which the rule of the view has let through."""
    access = g.study
    assert isinstance(access, Access)
    return access


def the_user() -> SignedIn:
    """Who is signed in."""
    user = g.user
    assert isinstance(user, SignedIn)
    return user
