"""The staff admin: who may enter, how they sign in, its navigation and its search."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from allauth.account.views import logout as sign_out
from allauth.mfa.utils import is_mfa_enabled
from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.dataclasses import Favicon, SearchResult
from unfold.sites import UnfoldAdminSite

View = Callable[..., HttpResponseBase]

SHORTEST_SEARCH = 2
MOST_FOUND = 8  # of each kind

# The side bar: titled groups of (model, icon of Material Symbols). Who may open none of a group's
# pages does not see it.
SIDE_BAR: tuple[tuple[Any, tuple[tuple[str, str], ...]], ...] = (
    (
        gettext_lazy("Tree"),
        (
            ("hierarchy.Organization", "domain"),
            ("hierarchy.Workspace", "workspaces"),
            ("hierarchy.Application", "apps"),
        ),
    ),
    (
        gettext_lazy("Access"),
        (
            ("hierarchy.Membership", "badge"),
            ("hierarchy.Invitation", "forward_to_inbox"),
            ("accounts.User", "person"),
            ("auth.Group", "admin_panel_settings"),
        ),
    ),
    (
        gettext_lazy("Record"),
        (
            ("hierarchy.AuditEvent", "history"),
            ("hierarchy.OutgoingMail", "mail"),
            ("procrastinate.ProcrastinateJob", "manufacturing"),
        ),
    ),
    (
        gettext_lazy("Sign-in"),
        (
            ("account.EmailAddress", "alternate_email"),
            ("mfa.Authenticator", "passkey"),
            ("usersessions.UserSession", "devices"),
        ),
    ),
)


class AdminSite(UnfoldAdminSite):  # type: ignore[misc]
    """Django's admin in Unfold's clothes, behind the same sign-in as everything else."""

    index_title = gettext_lazy("Overview")

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Let staff alone pass, in production with a second factor.

        Unfold writes its colours and sizes into the page, so styles, and nothing else, may stand
        inside it, here alone.
        """
        guarded: View = super().admin_view(view, cacheable)

        @wraps(guarded)
        @csp_update({"style-src": UNSAFE_INLINE})
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            if _lacks_second_factor(request.user):
                sentence = _("Staff need a second factor: set one up here, then open the admin.")
                messages.warning(request, sentence)
                return redirect("mfa_index")
            return guarded(request, *args, **kwargs)

        return inner

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
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
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Lead to the one sign-in page, with its limits and second factor."""
        home = reverse("admin:index")
        if request.user.is_authenticated:
            return redirect(home)
        return redirect_to_login(request.GET.get("next", home), reverse("account_login"))

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        response: HttpResponseBase = sign_out(request)
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Answer the command palette: pages, then rows of what can be searched, a few of each.

        Unfold would keep what it found for minutes; access may end before they are over.
        """
        term = request.GET.get("s", "").strip()[:100]
        found: list[SearchResult] = []
        if len(term) >= SHORTEST_SEARCH:
            for model, model_admin in self._open_to(request):
                found += _matching_page(model, model_admin, term)
                if getattr(model_admin, "in_palette", False):
                    found += _matching_rows(request, model_admin, term)
        return render(request, "admin/palette_results.html", {"results": found})

    def navigation(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the side bar with what the person may open."""
        may_open = {model for model, _model_admin in self._open_to(request)}
        groups = [
            {
                "title": title,
                "separator": True,
                "items": [_page(apps.get_model(m), icon) for m, icon in pages if m in may_open],
            }
            for title, pages in SIDE_BAR
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

    def _open_to(self, request: HttpRequest) -> Iterator[tuple[str, ModelAdmin[Any]]]:
        for model, model_admin in self._registry.items():
            if model_admin.has_view_permission(request):
                yield model._meta.label, model_admin


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return Unfold's side bar: `UNFOLD` names this function."""
    from django.contrib import admin

    site: Any = admin.site
    result: list[dict[str, Any]] = site.navigation(request)
    return result


def _environment() -> tuple[str, str]:
    """Return the label at the top of every page, and its tone."""
    return (_("Development"), "info") if settings.DEBUG else (_("Production"), "danger")


def _account_links() -> list[dict[str, str]]:
    """Return the links of the menu under the person's name."""
    return [
        {"title": _("Console"), "link": "/"},
        {"title": _("Second factor and passkeys"), "link": reverse("mfa_index")},
        {"title": _("Change the password"), "link": reverse("account_change_password")},
    ]


def _lacks_second_factor(user: Any) -> bool:
    return user.is_authenticated and not settings.DEBUG and not is_mfa_enabled(user)


def _page(model: type[Model], icon: str) -> dict[str, Any]:
    return {
        "title": str(model._meta.verbose_name_plural).capitalize(),
        "icon": icon,
        "link": _list_url(model),
    }


def _list_url(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def _matching_page(model: str, model_admin: ModelAdmin[Any], term: str) -> list[SearchResult]:
    meta = model_admin.opts
    title = str(meta.verbose_name_plural).capitalize()
    if term.lower() not in title.lower():
        return []
    return [SearchResult(title, _("Page"), _list_url(model_admin.model), "list")]


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
