"""The secret key of a development installation, made once and kept beside its data."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path


def for_development(path: Path) -> str:
    """Return the key kept in `path`; make it first when there is none, for its owner's eyes only.

    Processes that start at the same time agree on one key: the first to link its file wins.
    """
    with contextlib.suppress(FileNotFoundError):
        return path.read_text()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(secrets.token_urlsafe(64))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text()
