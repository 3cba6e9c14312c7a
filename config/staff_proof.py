"""Staff show their second factor again: after half a day, and before what decides who gets in.

The proofs are those that django-allauth notes in the session. Only the second factor counts, never
the password. Staff who have none, which only development allows, give their password instead.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import FieldDoesNotExist
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from config.clock import is_ahead
from config.web.session_life import SIGNED_IN_AT

GOOD_FOR_SECONDS = 12 * 60 * 60
# Who someone is, how they sign in, what staff may do, and what the worker does: all that decides
# who gets in. A proof is valid for them as long as a password that was given again.
GUARDED = frozenset({"accounts", "account", "mfa", "usersessions", "auth", "procrastinate"})
GOOD_FOR_GUARDED_SECONDS = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
# Pages that show and change nothing of ours.
FREE = frozenset({"logout", "password_change", "jsi18n"})

AUTOCOMPLETE = "autocomplete"
PASSWORD = "reauthenticate"  # noqa: S105 - allauth's name of the way


def asked_instead(request: HttpRequest) -> HttpResponse | None:
    """Return what a page of the admin answers before it has a proof; None: it has all it needs."""
    place, _slash, _rest = request.path.removeprefix(reverse("admin:index")).partition("/")
    if place in FREE:
        return None
    has_factor = is_mfa_enabled(request.user)
    if not has_factor and not settings.DEBUG:
        sentence = _("Staff need a second factor. Set one up here, then open the admin.")
        messages.warning(request, sentence)
        return redirect("mfa_index")
    label = _app_of_choices(request) if place == AUTOCOMPLETE else place
    if _is_proved(request, has_factor, is_guarded(label)):
        return None
    return _no_choices() if place == AUTOCOMPLETE else _ask(request)


def is_guarded(app_label: str) -> bool:
    """Return whether pages about models of the app need a proof of the last 15 minutes."""
    return app_label in GUARDED


def is_proved_for_guarded(request: HttpRequest) -> bool:
    """Return whether the second factor was shown within the last 15 minutes in this session."""
    return _is_proved(request, is_mfa_enabled(request.user), for_guarded=True)


def takes_no_password(request: HttpRequest) -> bool:
    """Return whether the person proves themselves for a page of the admin."""
    sent = {**request.GET.dict(), **request.POST.dict()}
    return sent.get(REDIRECT_FIELD_NAME, "").startswith(reverse("admin:index"))


def _is_proved(request: HttpRequest, has_factor: bool, for_guarded: bool) -> bool:
    good_for = GOOD_FOR_GUARDED_SECONDS if for_guarded else GOOD_FOR_SECONDS
    proved_at = _proved_at(request, has_factor)
    return not is_ahead(proved_at) and time.time() - proved_at < good_for


def _proved_at(request: HttpRequest, has_factor: bool) -> float:
    """Return when the proof was last given in this session, in seconds since 1970; 0: never."""
    records = get_authentication_records(request, request.user)
    if has_factor:
        return max((record["at"] for record in records if record["method"] == "mfa"), default=0)
    signed_in: float = request.session.get(SIGNED_IN_AT, 0)
    return max((record["at"] for record in records), default=signed_in)


def _ask(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks for the second factor, and from there back."""
    if request.method not in ("GET", "HEAD"):
        sentence = _("Nothing was changed. Confirm that it's you, then submit the form again.")
        messages.warning(request, sentence)
    return redirect_to_login(_page_of(request), _way_of(request.user))


def _page_of(request: HttpRequest) -> str:
    """Return the address to come back to: of the page as a whole, and of the form's for a form."""
    htmx = request.htmx  # type: ignore[attr-defined]
    if htmx and htmx.current_url_abs_path:
        return str(htmx.current_url_abs_path)
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    form = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(form, {request.get_host()}, request.is_secure()):
        return request.get_full_path()
    return urlsplit(form)._replace(scheme="", netloc="").geturl()


def _way_of(user: Any) -> str:
    """Return where `user` shows the second factor: the app's code, or else a passkey."""
    urls = {way["id"]: way["url"] for way in get_adapter().get_reauthentication_methods(user)}
    if is_mfa_enabled(user, types=[Authenticator.Type.TOTP]):
        return str(urls["mfa_reauthenticate"])
    return str(urls.get("mfa_reauthenticate:webauthn") or urls[PASSWORD])


def _app_of_choices(request: HttpRequest) -> str:
    """Return the app of the rows that a field offers; "" for a field that there is not."""
    field = request.GET.get("app_label", ""), request.GET.get("model_name", "")
    try:
        model: Any = apps.get_model(*field)
        relation = model._meta.get_field(request.GET.get("field_name", ""))
    except (LookupError, ValueError, FieldDoesNotExist):
        return ""
    return relation.related_model._meta.app_label if relation.related_model else ""


def _no_choices() -> JsonResponse:
    """Say inside a list of choices why it has none."""
    sentence = _("Open People in another tab to confirm that it's you, then search again.")
    nothing = {"id": "", "text": sentence, "disabled": True}
    return JsonResponse({"results": [nothing], "pagination": {"more": False}})
