"""What every console page shares: rendering inside the shell, and telling a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as django_render

from hierarchy import access
from hierarchy.navigation import navigation
from hierarchy.refusals import NotAllowed, Refused, Stale

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

Result = TypeVar("Result")
LATEST_NODES = 8


def render(
    request: HttpRequest,
    template: str,
    *,
    node: AnyNode | None = None,
    section: str = "",
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Render a page of the console inside its shell, or only `context["partial"]` for HTMX."""
    remember(request, node)
    shell = {
        "node": node,
        "section": section,
        "can": access.abilities(request.user, node),
        "navigation": navigation(request.user, node, section),
    }
    return django_render(request, template, shell | context, status=status)


def attempt(
    form: forms.Form, action: Callable[[], Result]
) -> Result | None:
    """Run `action`; turn its refusal into an error of `form` and return None."""
    try:
        return action()
    except (NotAllowed, Stale):
        raise
    except Refused as refused:
        field = refused.field if refused.field in form.fields else None
        form.add_error(field, refused.sentence)
        return None


def attempt_with_message(request: HttpRequest, action: Callable[[], Any], done: str) -> bool:
    """Run `action` of a button; say `done`, or the sentence of its refusal. Return whether done."""
    try:
        action()
    except NotAllowed:
        raise
    except Refused as refused:
        messages.error(request, refused.sentence)
        return False
    messages.success(request, done)
    return True


def remember(request: HttpRequest, node: AnyNode | None) -> None:
    """Note in the session that the person was here, for the switcher's recent nodes."""
    if node is None:
        return
    here = [node.level.value, node.pk]
    recent = [place for place in request.session.get("recent", []) if place != here]
    if request.session.get("recent", [])[:1] != [here]:
        request.session["recent"] = [here, *recent][:LATEST_NODES]
