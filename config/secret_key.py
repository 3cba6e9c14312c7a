"""The secret key of a development installation, made once and kept beside its data."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


def for_development(path: Path) -> str:
    """Return the key kept in `path`; make it first when there is none, for its owner's eyes only.

    Processes that start at the same time agree on one key: the first to link its file wins.
    """
    with contextlib.suppress(FileNotFoundError):
        return path.read_text()
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.") as draft:
        draft.write(secrets.token_urlsafe(64))
        draft.flush()
        with contextlib.suppress(FileExistsError):
            os.link(draft.name, path)
    return path.read_text()
