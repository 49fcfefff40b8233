"""Links beside a study's own."""

from __future__ import annotations

from flask import Response, url_for

from jndlab.store.links import links_of
from jndlab.studies.links import LinkWish, make_links, set_revoked
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.bodies import read_body
from jndlab.web.context import store
from jndlab.web.experimenter.overview import base_url
from jndlab.web.manage import messages_people as mp
from jndlab.web.manage.blueprint import answer, blueprint


@blueprint.get("/studies/<slug>/links")
@needs("edit")
def links(slug: str) -> Response:
    """The links beside the study's own: who has one takes part."""
    return answer(_links())


@blueprint.post("/studies/<slug>/links")
@needs("edit")
def make(slug: str) -> Response:
    """Make links."""
    body = read_body(mp.MakeLinks)
    wish = LinkWish(
        kind=body.kind,
        number=body.number,
        labels=body.labels,
        recruiter=body.recruiter,
        return_url=body.return_url,
        max_uses=body.max_uses,
        expires_at=body.expires_at,
    )
    make_links(store(), the_study().study_id, wish, by=the_user().id)
    return answer(_links(), 201)


@blueprint.put("/studies/<slug>/links/<id:link_id>")
@needs("edit")
def revoke(slug: str, link_id: int) -> Response:
    """Take a link back, or let it be used again."""
    revoked = read_body(mp.Revoke).revoked
    set_revoked(store(), the_study().study_id, link_id, revoked, by=the_user().id)
    return answer(_links())


def _links() -> mp.LinkList:
    with store().read() as db:
        uses = links_of(db, the_study().study_id)
    return mp.LinkList(
        links=[
            mp.LinkView(
                id=use.link.id,
                kind=use.link.kind,
                label=use.link.label,
                url=base_url() + url_for("participant.study", link=use.link.token),
                recruiter=use.link.recruiter,
                max_uses=use.link.max_uses,
                n_uses=use.n_sessions,
                expires_at=use.link.expires_at,
                revoked_at=use.link.revoked_at,
            )
            for use in uses
        ]
    )
