"""One site for all tests of its deployment: it takes longer to start than to ask."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.databases import postgres
from tests.deploy.nginx import PACKAGE, REQUIRED
from tests.deploy.site import Site, running_site
from tests.nginx import PROGRAM
from tests.postgres_server import PostgresServer

__all__ = ["postgres"]


def require_nginx() -> None:
    """Skip, or fail where it is required, without nginx."""
    if PROGRAM is not None:
        return
    why = f"nginx is not installed (Debian: {PACKAGE})"
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(why)
    pytest.skip(f"{why}; tools/get-nginx gets it")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[Site]:
    """nginx before two app servers on one PostgreSQL, with a study."""
    require_nginx()
    with running_site(tmp_path_factory.mktemp("site"), postgres) as running:
        yield running
