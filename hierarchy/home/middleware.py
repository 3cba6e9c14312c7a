"""Middleware that turns refusals and former addresses into answers, whichever view raised them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.backends.utils import csrf_input
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from config.web import request_context
from config.web.middleware import GetResponse
from hierarchy import access, refused_attempts
from hierarchy.access import Anybody
from hierarchy.console import lookup, remedies
from hierarchy.home import view_as
from hierarchy.models import Membership
from hierarchy.refusals import NotAllowed, Refused, Stale
from hierarchy.roles import VIEW

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode

LEAVE = "console:view-as-leave"
VERBS = {"add": _lazy("Add"), "change": _lazy("Change"), "delete": _lazy("Delete")}
logger = logging.getLogger("canopy.refusals")


class Refusals:
    """Answers 403 with the missing permission, 409 with the reason, 302 to the new address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, lookup.Moved):
            return _follow(request, exception)
        if isinstance(exception, NotAllowed):
            return _forbid(request, exception)
        if isinstance(exception, Stale):
            return _compare(request, exception)
        if isinstance(exception, Refused):
            return _page(request, 409, reason=exception.sentence)
        if isinstance(exception, PermissionDenied):
            _note_in_admin(request)
        if isinstance(exception, Http404) and hasattr(request, "view_as"):
            return _page(request, 404)
        return None


def view_as_a_role(get_response: GetResponse) -> GetResponse:
    """Show the console as the role that this session views it as would see it; refuse changes.

    The admin and account pages stay what they are: what is held there comes from no role.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if view_as.KEY not in request.session or not _is_of_console(request):
            return get_response(request)
        viewed = view_as.current(request)
        changes = request.method not in ("GET", "HEAD") and request.path != reverse(LEAVE)
        if viewed is None:
            if changes:  # the form was shown as the role sees it, perhaps
                sentence = _(
                    "The role preview has ended, so nothing was changed. You have your own"
                    " permissions again."
                )
                return _page(request, 409, reason=sentence)
            return get_response(request)
        request.view_as = viewed  # type: ignore[attr-defined]
        if changes:
            words = {"role": viewed.role.label}
            sentence = _("You're previewing the role %(role)s. Leave the preview to make changes.")
            return _page(request, 403, reason=sentence % words)
        access.view_as(cast("User", request.user), viewed.node, viewed.role)
        return get_response(request)

    return middleware


def _is_of_console(request: HttpRequest) -> bool:
    try:
        return resolve(request.path_info).app_name == "console"
    except Resolver404:
        return True


def _follow(request: HttpRequest, moved: lookup.Moved) -> HttpResponse:
    match = request.resolver_match
    if match is None or request.method not in ("GET", "HEAD"):
        sentence = _("This page has moved. Open it at its new address and try again.")
        return _page(request, 409, reason=sentence)
    url = reverse(match.view_name, kwargs=match.kwargs | moved.node.slugs)
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{url}?{query}" if query else url)


def _forbid(request: HttpRequest, refused: NotAllowed) -> HttpResponse:
    permission = refused.permission
    logger.warning("refused", extra={"user_id": request.user.pk, "action": permission.value})
    if not _is_inside(request.user, refused.node):
        return _page(request, 404)  # they have since lost it: what is there is not theirs to know
    if request.method == "POST":
        refused_attempts.note_refusal(refused.node, permission.value, by=cast("User", request.user))
    may_ask = not refused.sentence
    return _page(
        request,
        403,
        missing=remedies.missing(request, permission, refused.node, may_ask=may_ask),
        reason=refused.sentence,
    )


def _note_in_admin(request: HttpRequest) -> None:
    """Record that staff sent a page of Django's own that they may not send, about no node.

    Pages about something that hangs on a node have done so themselves (`HierarchyAdmin`).
    """
    match = request.resolver_match
    user = cast("User", request.user)
    if match is None or request.method != "POST" or hasattr(request, "is_refusal_noted"):
        return
    model_admin = getattr(match.func, "model_admin", None)
    verb = VERBS.get(str(match.url_name).rpartition("_")[2])
    if user.is_staff and model_admin and verb:
        refused_attempts.note_refusal(None, f"{verb}: {model_admin.opts.verbose_name}", by=user)


def _compare(request: HttpRequest, stale: Stale) -> HttpResponse:
    """Show what was read beside what is stored, and the way to where it can be read again."""
    came_from = request.headers.get("referer", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure())
    return _page(
        request,
        409,
        template="stale",
        reason=stale.sentence,
        versions=stale.versions,
        is_unknown=stale.is_unknown,
        back=came_from if is_ours else "",
        is_part=bool(request.htmx),  # type: ignore[attr-defined]
    )


def _is_inside(user: Anybody, node: AnyNode) -> bool:
    """Return whether `user` sees the node, or something beneath it, at this moment."""
    if VIEW[node.level] in access.held_here(user, node):
        return True
    return bool(Membership.objects.within(node).in_force().filter(user=user.pk).exists())


def _page(
    request: HttpRequest, status: int, *, template: str = "", **context: object
) -> HttpResponse:
    context["request_id"] = request_context.current().request_id
    context["csrf_input"] = csrf_input(request)
    context["view_as"] = getattr(request, "view_as", None)
    content = render_to_string(f"errors/{template or status}.html", context)
    response = HttpResponse(content, status=status)
    response.is_own_page = True  # type: ignore[attr-defined]
    return response
