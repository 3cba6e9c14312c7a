"""The staff admin: who may enter, how they sign in, its navigation and its search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial, wraps
from typing import Any

from allauth.account.views import logout as sign_out
from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.dataclasses import Favicon, SearchResult
from unfold.sites import UnfoldAdminSite

from config import side_bar, staff_proof
from config.closed_admin import IN_PALETTE, ClosedAdmin, ClosedAutocomplete, refuse_unknown
from config.side_bar import Entry
from config.web import request_context

View = Callable[..., HttpResponseBase]

SHORTEST_SEARCH = 2
MOST_FOUND = 8  # of each kind


class AdminSite(UnfoldAdminSite):
    """Django's admin in Unfold's clothes, behind the same sign-in as everything else."""

    index_title = gettext_lazy("Overview")

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin[Any]] | None = None,
        **options: object,
    ) -> None:
        """Register what ours and other packages bring, each of them closed."""
        brought = admin_class or ModelAdmin
        if not issubclass(brought, ClosedAdmin):
            brought = type(brought.__name__, (ClosedAdmin, brought), {})
        super().register(model_or_iterable, brought, **options)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Leave out the page that leads to any row of any table by its id."""
        urls: list[Any] = super().get_urls()
        return [url for url in urls if getattr(url, "name", "") != "view_on_site"]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """List the models by app where a page reads it: the side bar has entries of its own."""
        return SimpleLazyObject(partial(super().get_app_list, request, app_label))

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Let only staff pass, with a second factor that they have proved recently (staff_proof).

        Unfold writes its colours and sizes into the page, so styles, and nothing else, may stand
        inside it, here alone.
        """
        guarded: View = super().admin_view(view, cacheable)

        @wraps(guarded)
        @csp_update({"style-src": UNSAFE_INLINE})
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return guarded(request, *args, **kwargs)
            if not self.has_permission(request):
                raise PermissionDenied
            instead = staff_proof.asked_instead(request)
            with request_context.through(request_context.ADMIN):
                return instead or guarded(request, *args, **kwargs)

        return inner

    def each_context(self, request: HttpRequest) -> dict[str, object]:
        """Dress Unfold's pages: css/tokens.css, which the console reads, has the accent, too."""
        context: dict[str, Any] = super().each_context(request)
        logo = static("img/logo.svg")
        stylesheets = ("tokens", "drawings", "admin")
        return context | {
            "colors": {k: v for k, v in context["colors"].items() if k != "primary"},
            "styles": [static(f"css/{name}.css") for name in stylesheets],
            "scripts": [static("js/admin.js")],
            "site_icon": logo,
            "site_favicons": [Favicon(href=logo, rel="icon", type="image/svg+xml")],
            "environment": _environment(),
            "account_links": _account_links(),
        }

    @login_not_required
    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponseBase:
        """Lead to the one sign-in page, with its limits and second factor."""
        home = reverse("admin:index")
        if request.user.is_authenticated:
            return redirect(home)
        return redirect_to_login(request.GET.get("next", home), reverse("account_login"))

    def logout(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponseBase:
        response: HttpResponseBase = sign_out(request)
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def search(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Answer the command palette: pages, then rows of what can be searched, a few of each.

        Unfold would keep what it found for minutes; access may end before they are over. Rows of
        what needs a new proof are left out without one.
        """
        refuse_unknown(request, IN_PALETTE)
        term = request.GET.get("s", "").strip()[:100]
        found: list[SearchResult] = []
        held_back = False
        if len(term) >= SHORTEST_SEARCH:
            found += self._matching_pages(request, term)
            is_proved = staff_proof.is_proved_for_guarded(request)
            for model_admin in self._open_to(request).values():
                if not getattr(model_admin, "in_palette", False):
                    continue
                if is_proved or not staff_proof.is_guarded(model_admin.opts.app_label):
                    found += _matching_rows(request, model_admin, term)
                else:
                    held_back = True
        context = {"results": found, "held_back": held_back}
        return render(request, "admin/palette_results.html", context)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:
        return ClosedAutocomplete.as_view(admin_site=self)(request)

    def navigation(self, request: HttpRequest) -> list[dict[str, object]]:
        """Return the side bar with what the person may open."""
        pages = self._pages(request)
        groups = [
            {
                "title": heading.label,
                "separator": True,
                "items": [
                    {"title": entry.label, "icon": entry.icon, "link": url}
                    for entry, url in pages
                    if entry.heading is heading
                ],
            }
            for heading in side_bar.Heading
        ]
        overview = {"title": _("Overview"), "icon": "dashboard", "link": reverse("admin:index")}
        console = {
            "title": _("Back to the console"),
            "icon": "arrow_back",
            "link": "/",
            "active": False,  # every address begins with this one
        }
        return [
            {"items": [overview]},
            *(group for group in groups if group["items"]),
            {"separator": True, "items": [console]},
        ]

    def _open_to(self, request: HttpRequest) -> dict[str, ModelAdmin[Any]]:
        """Return what the person may open, by model ("hierarchy.Workspace")."""
        return {
            model._meta.label: model_admin
            for model, model_admin in self._registry.items()
            if model_admin.has_view_permission(request)
        }

    def _matching_pages(self, request: HttpRequest, term: str) -> Iterator[SearchResult]:
        for entry, url in self._pages(request):
            if term.lower() in str(entry.label).lower():
                yield SearchResult(str(entry.label), _("Page"), url, entry.icon)

    def _pages(self, request: HttpRequest) -> list[tuple[Entry, str]]:
        """Return the entries of what the person may open, in their order, each with its address."""
        entries = [
            (model_admin.side_bar, _list_url(model))
            for model, model_admin in self._open_to(request).items()
            if isinstance(model_admin, ClosedAdmin) and model_admin.side_bar is not None
        ]
        order = list(side_bar.Heading)
        return sorted(entries, key=lambda page: (order.index(page[0].heading), page[0].place))


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return Unfold's side bar: `UNFOLD` names this function."""
    from django.contrib import admin

    site: Any = admin.site
    result: list[dict[str, object]] = site.navigation(request)
    return result


def _environment() -> tuple[str, str]:
    """Return the label at the top of every page, and its tone."""
    return (_("Development"), "info") if settings.DEBUG else (_("Production"), "danger")


def _account_links() -> list[dict[str, str]]:
    """Return the links of the menu under the person's name."""
    return [
        {"title": _("Console"), "link": "/"},
        {"title": _("Two-factor and passkeys"), "link": reverse("mfa_index")},
        {"title": _("Change password"), "link": reverse("account_change_password")},
    ]


def _list_url(model: str) -> str:
    return reverse(f"admin:{model.lower().replace('.', '_')}_changelist")


def _matching_rows(
    request: HttpRequest, model_admin: ModelAdmin[Any], term: str
) -> list[SearchResult]:
    meta = model_admin.opts
    rows, _distinct = model_admin.get_search_results(
        request, model_admin.get_queryset(request), term
    )
    name = f"admin:{meta.app_label}_{meta.model_name}_change"
    kind = str(meta.verbose_name)
    return [
        SearchResult(str(row), kind, reverse(name, args=[row.pk]), "arrow_outward")
        for row in rows[:MOST_FOUND]
    ]
