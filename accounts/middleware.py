"""Serve every signed-in person in their own language and time zone."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.time_zones import zone_of


def personal_preferences(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Activate what the person has chosen, and what the installation says for everybody else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return get_response(request)
        known = user.language in dict(settings.LANGUAGES)
        language = user.language if known else settings.LANGUAGE_CODE
        with translation.override(language), timezone.override(zone_of(user.time_zone)):
            return get_response(request)

    return middleware
