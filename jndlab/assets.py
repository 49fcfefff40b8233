"""Where pages, scripts and styles lie: inside the package, or beside it in a source tree.

In an editable install `jndlab.static` is no folder of the package, so that a look-up with
importlib.resources fails there; this one works in both.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def asset_folder(name: str) -> Path:
    """The folder ``static`` or ``templates``. Raises FileNotFoundError."""
    for parent in (_PACKAGE, _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"no folder {name!r} in or beside {_PACKAGE}")
