"""Serve every signed-in person in their own language and time zone."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.time_zones import zone_of


def personal_preferences(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Activate what the person has chosen, or what the installation says for everyone else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return get_response(request)
        with translation.override(user.known_language), timezone.override(zone_of(user.time_zone)):
            return get_response(request)

    return middleware
