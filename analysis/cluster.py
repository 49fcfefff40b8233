"""The same work on many tasks on a Dask cluster: results in order, whoever worked them out."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any, TypeVar
from urllib.parse import urlsplit

from jndlab import __version__
from jndlab.errors import MissingExtra, ServerError

Task = TypeVar("Task")
Result = TypeVar("Result")

_CONNECT_SECONDS = 10
_LEAST_UNDER_WAY = 32
_SAME_VERSION = f'Install the same version there: pip install "jndlab[dask]=={__version__}"'


def map_on_cluster(
    function: Callable[[Task], Result], tasks: Sequence[Task], *, scheduler: str
) -> Iterator[Result]:
    """``function(task)`` for each task, in their order, by the workers of a Dask cluster.

    ``function`` stands at the top of a module of jndlab; what goes in and comes out can be pickled.
    No more is under way than keeps the workers busy, and the tasks of a worker that is lost are
    done by another one. Raises what the function raises; MissingExtra, ServerError: no Dask here,
    or no scheduler with workers of this version at that address.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise MissingExtra("distributed", "dask") from None
    try:
        _knock(scheduler)
        client = distributed.Client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ServerError(
            f"No Dask scheduler answers at {scheduler}.",
            "Start one with: dask scheduler --host 127.0.0.1 and dask worker ADDRESS, then give "
            "its address, such as tcp://127.0.0.1:8786.",
        ) from error
    with client:
        _require_workers(client, scheduler)
        most = max(_LEAST_UNDER_WAY, 4 * sum(client.nthreads().values()))
        waiting: deque[Any] = deque()
        try:
            for task in tasks:
                if len(waiting) >= most:
                    yield waiting.popleft().result()
                waiting.append(client.submit(function, task, pure=False))
            while waiting:
                yield waiting.popleft().result()
        except distributed.KilledWorker as error:
            raise ServerError(
                f"Workers of {scheduler} ended again and again at the same task.",
                "Look into their logs; give each of them more memory, or start fewer.",
            ) from error


def _knock(scheduler: str) -> None:
    """Raise OSError or ValueError unless somebody listens: a client that fails takes long to go."""
    address = urlsplit(scheduler)
    if address.hostname is None or address.port is None:
        raise ValueError(f"{scheduler!r} has no host and port")
    socket.create_connection((address.hostname, address.port), _CONNECT_SECONDS).close()


def _require_workers(client: Any, scheduler: str) -> None:
    """Raise ServerError unless the cluster has workers with this version of jndlab."""
    try:
        versions = client.run(version_here)
    except ImportError as error:
        raise ServerError(
            f"The workers of {scheduler} do not have jndlab.", _SAME_VERSION
        ) from error
    if not versions:
        raise ServerError(
            f"The Dask scheduler at {scheduler} has no workers.",
            f"Start some with: dask worker {scheduler}",
        )
    if others := set(versions.values()) - {__version__}:
        raise ServerError(
            f"The workers of {scheduler} have jndlab {', '.join(sorted(others))}, not "
            f"{__version__}: results might differ.",
            _SAME_VERSION,
        )


def version_here() -> str:
    """The version of jndlab in the process that runs this."""
    return __version__
