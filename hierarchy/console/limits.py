"""Limits on how often a person may do what costs others something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.core import ratelimit

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def limit(
    request: HttpRequest, config: dict[str, str], *, key: object = None, even_reading: bool = False
) -> HttpResponse | None:
    """Return the answer to who has done something too often, or None, and count this time.

    `config` names what is counted, and how often each may: by person, by address, or by `key`.
    """
    (action,) = config
    answer: HttpResponse | None = ratelimit.consume_or_429(
        request,
        action=action,
        config=config,
        key=None if key is None else str(key),
        limit_get=even_reading,
    )
    return answer
