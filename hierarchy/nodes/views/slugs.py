"""Checks of slugs while they are typed, and slugs made from a name."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hierarchy.console import lookup
from hierarchy.console.limits import limit
from hierarchy.console.views.pages import Request
from hierarchy.models import Environment
from hierarchy.names import propose_slug
from hierarchy.nodes.actions import slugs
from hierarchy.nodes.actions.slugs import Scope
from hierarchy.roles import CHANGE, Level, Permission

# How often one person can ask which slugs are taken: they are the names of others' organizations.
ASKING = {"slug_check": "60/m/user"}
# What names a node, from the top of the tree down.
PLACES = (
    {"organization"},
    {"organization", "workspace"},
    {"organization", "workspace", "application", "environment"},
)


@require_safe
def check(request: Request) -> HttpResponse:
    """Answer, for the form that asks, whether its slug is free, and propose one that is.

    The query holds the slug and what it is for: with `new`, a level, a node to be in the place
    that the other parameters name; without it, the node that they name.
    """
    if limited := limit_asking(request):
        return limited
    path = {name: request.GET[name] for name in (*Level, "environment") if name in request.GET}
    if "new" in request.GET:
        scopes = _scopes_of_new(request, path)
        besides = None
    elif path.keys() in PLACES:
        besides = lookup.get_node(request.user, path, to=CHANGE)
        scopes = [slugs.scope_of(besides)]
    else:
        raise Http404
    slug = request.GET.get("slug", "").strip().lower()
    if not slug or (besides is not None and slug == besides.slug):
        return HttpResponse()
    problems = (slugs.reason_against(slug, scope, besides=besides) for scope in scopes)
    problem = next((found for found in problems if found), "")
    suggestion = suggest(propose_slug(slug), scopes) if problem else ""
    context = {"slug": slug, "problem": problem, "suggestion": suggestion}
    return render(request, "console/slugs/_verdict.html", context)


def limit_asking(request: Request) -> HttpResponse | None:
    """Return the answer to a person who has tried too many slugs, or None.

    Forms that claim one for an organization count as well: what is taken, they say too.
    """
    return limit(request, ASKING, even_reading=True)


def slug_of(form: forms.Form, scopes: Sequence[Scope]) -> str:
    """Return the slug of a valid form; when it was left empty, a free one made from the name."""
    given: str = form.cleaned_data["slug"]
    return given or suggest(propose_slug(form.cleaned_data["name"]), scopes)


def suggest(slug: str, scopes: Sequence[Scope]) -> str:
    """Return a slug like `slug` that is free in each of `scopes`, as far as one look can tell."""
    for scope in scopes:
        slug = slugs.suggest(slug, scope)
    return slug


def _scopes_of_new(request: Request, path: dict[str, str]) -> list[Scope]:
    level = request.GET["new"]
    if level == Level.ORGANIZATION:
        return [Scope(Level.ORGANIZATION)]
    if level == Level.WORKSPACE and path.keys() == {"organization"}:
        organization = lookup.get_organization(
            request.user, path["organization"], to=Permission.ADD_WORKSPACE
        )
        return [Scope(Level.WORKSPACE, organization)]
    if level == Level.APPLICATION and path.keys() == {"organization", "workspace"}:
        workspace = lookup.get_workspace(
            request.user, path["organization"], path["workspace"], to=Permission.ADD_APPLICATION
        )
        chosen = [name for name in request.GET.getlist("environments") if name in Environment]
        return [
            Scope(Level.APPLICATION, workspace.organization, workspace, environment)
            for environment in chosen
        ]
    raise Http404
