"""The command line, run in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from jndlab.cli import cli
from jndlab.errors import JndlabError


@pytest.fixture
def run() -> Callable[..., Result]:
    """Run ``jndlab ARGUMENTS``; what is wrong ends in an error of ours, never in another one."""

    def run(*arguments: object) -> Result:
        done = CliRunner().invoke(cli, [str(one) for one in arguments], standalone_mode=False)
        if done.exception is not None:
            assert isinstance(done.exception, JndlabError), repr(done.exception)
            assert done.exception.message
        return done

    return run
