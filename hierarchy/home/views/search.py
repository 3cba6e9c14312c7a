"""Finding whatever a person can see: nodes by name, slug or public ID, people by name or e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.db.models.lookups import StartsWith
from django.http import HttpResponse
from django.shortcuts import render as render_alone
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.emails import searched
from hierarchy import visible
from hierarchy.console import paging
from hierarchy.console.lookup import named
from hierarchy.console.views.pages import Request, render
from hierarchy.models import Membership
from hierarchy.roles import VIEW_MEMBER, Level

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from hierarchy.access import Anybody

FIRST_OF_EACH = 6
PERSON: Final = "person"
TITLES: Final[dict[str, StrOrPromise]] = {
    "organization": _("Organizations"),
    "workspace": _("Workspaces"),
    "application": _("Applications"),
    PERSON: _("People"),
}


@dataclass(frozen=True)
class Results:
    """Search results of one kind; `more_url` leads to the rest."""

    kind: str
    title: StrOrPromise
    rows: Sequence[object]
    more_url: str


@require_safe
def search(request: Request) -> HttpResponse:
    """Show what is found: the first of each kind, or one kind page by page."""
    query = request.GET.get("q", "").strip()
    kind = request.GET.get("kind", "")
    kinds = [kind] if kind in TITLES else list(TITLES)
    results = [_results(request, each, query, len(kinds) == 1) for each in kinds] if query else []
    found = [each for each in results if each.rows]
    if "palette" in request.GET:
        return render_alone(request, "console/search/_palette.html", {"q": query, "found": found})
    return render(
        request,
        "console/search/index.html",
        fragment="console/search/_results.html",
        q=query,
        kind=kind,
        found=found,
        tabs=[
            (label, _url(query, key), key == (kind if kind in TITLES else ""))
            for key, label in {"": _("Everything"), **TITLES}.items()
        ],
    )


def _results(request: Request, kind: str, query: str, is_alone: bool) -> Results:
    if kind == PERSON:
        rows = _people(request.user, query)
        by = ("user__email", "id")
    else:
        rows = visible.VISIBLE[Level(kind)](request.user).filter(named(query))
        by = ("name", "id")
    if is_alone:
        page = paging.page(request, rows, by=by)
        return Results(kind, TITLES[kind], page.rows, page.next_url)
    found = list(rows.order_by(*by)[: FIRST_OF_EACH + 1])
    more_url = _url(query, kind) if len(found) > FIRST_OF_EACH else ""
    return Results(kind, TITLES[kind], found[:FIRST_OF_EACH], more_url)


def _people(user: Anybody, query: str) -> QuerySet[Membership]:
    """Return the memberships that `user` may see of people who are called so."""
    text = query.lower()
    called = Q(user__email__startswith=searched(query))
    for word in text.split():
        for name in ("user__first_name", "user__last_name"):
            called |= Q(StartsWith(Lower(name), word))
    rows = Membership.objects.filter(visible.paths_for(user, VIEW_MEMBER), called)
    return rows.alive().with_nodes().select_related("user")


def _url(query: str, kind: str) -> str:
    return f"{reverse('console:search')}?{urlencode({'q': query, 'kind': kind})}"
