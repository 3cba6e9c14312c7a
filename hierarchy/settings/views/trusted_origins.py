"""Pages of trusted origins, from which browsers can call, and of trying one out."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hierarchy.console import lookup, paging
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import Request, attempt, press, render
from hierarchy.console.views.sent_once import once
from hierarchy.models import Application, TrustedOrigin
from hierarchy.origins import Pasted
from hierarchy.roles import Permission
from hierarchy.settings.actions import trusted_origins
from hierarchy.settings.forms.trusted_origins import AddTrustedOriginsForm, EditTrustedOriginForm
from hierarchy.settings.origin_tester import Verdict, candidates, judge
from hierarchy.settings.views.settings import changing

BY_HOST = ("host", "id")


@require_safe
def index(request: Request, **path: str) -> HttpResponse:
    """List the rules, and say what they make of a pasted address."""
    node = lookup.get_application(request.user, path, to=Permission.VIEW_APPLICATION_SETTINGS)
    query = request.GET.get("q", "").strip().lower()
    rules = _rules(node).filter(host__contains=query).select_related("created_by")
    pasted = request.GET.get("test", "").strip()
    return render(
        request,
        "console/trusted_origins/index.html",
        fragment="console/trusted_origins/_verdict.html"
        if request.htmx.target == "verdict"
        else "",
        node=node,
        section="origins",
        q=query,
        page=paging.page(request, rules, by=BY_HOST),
        pasted=pasted,
        verdict=_verdict(node, pasted) if pasted else None,
        **changing(request, node, Permission.MANAGE_TRUSTED_ORIGINS),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@once
def add(request: Request, **path: str) -> HttpResponse:
    """Trust another origin."""
    node = lookup.get_application(request.user, path, to=Permission.MANAGE_TRUSTED_ORIGINS)
    initial = {"origin": request.GET.get("origin", "")}
    form = AddTrustedOriginsForm(request.POST or None, initial=initial)
    if form.is_valid():
        rules = [pasted.rule for pasted in form.pasted]
        confirmed = form.cleaned_data["confirmed"]
        origins = attempt(
            form,
            lambda: trusted_origins.add_all(node, rules, by=request.user, confirmed=confirmed),
        )
        if origins is not None:
            messages.success(request, " ".join([_trusted(origins), *_left_out(form.pasted)]))
            return redirect(node_url(node, "trusted-origin-index"))
    return render(
        request, "console/trusted_origins/add.html", node=node, section="origins", form=form
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int, **path: str) -> HttpResponse:
    """Put another rule in the place of this one."""
    node = lookup.get_application(request.user, path, to=Permission.MANAGE_TRUSTED_ORIGINS)
    origin = lookup.load(TrustedOrigin.objects.all(), pk, at=node)
    form = EditTrustedOriginForm(request.POST or None, initial=_initial(origin))
    if form.is_valid():
        answers = {name: form.cleaned_data[name] for name in ("version", "confirmed")}
        edited = attempt(
            form,
            lambda: trusted_origins.edit(origin, form.rule, by=request.user, **answers),
        )
        if edited is not None:
            said = _("The rule is now %(origin)s.") % {"origin": edited}
            messages.success(request, " ".join([said, *_left_out(form.pasted)]))
            return redirect(node_url(node, "trusted-origin-index"))
    return render(
        request,
        "console/trusted_origins/edit.html",
        node=node,
        section="origins",
        form=form,
        origin=origin,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int, **path: str) -> HttpResponse:
    """Stop trusting an origin."""
    node = lookup.get_application(request.user, path, to=Permission.MANAGE_TRUSTED_ORIGINS)
    origin = lookup.load(TrustedOrigin.objects.all(), pk, at=node)
    if request.method == "POST":
        done = _("%(origin)s is no longer trusted.") % {"origin": origin}
        press(request, trusted_origins.remove, origin, done)
        return redirect(node_url(node, "trusted-origin-index"))
    return render(
        request, "console/trusted_origins/remove.html", node=node, section="origins", origin=origin
    )


def _trusted(origins: list[TrustedOrigin]) -> str:
    if len(origins) == 1:
        return _("%(origin)s is now trusted.") % {"origin": origins[0]}
    return _("%(count)d origins are now trusted.") % {"count": len(origins)}


def _left_out(origins: list[Pasted]) -> list[str]:
    """Say of each pasted URL which part of it no origin has."""
    sentence = _("“%(part)s” was left out, since browsers send only the host and the port.")
    return [sentence % {"part": pasted.left_out} for pasted in origins if pasted.left_out]


def _rules(application: Application) -> QuerySet[TrustedOrigin]:
    return TrustedOrigin.objects.at(application).with_nodes()


def _initial(origin: TrustedOrigin) -> dict[str, object]:
    return {
        "origin": origin.rule.typed,
        "include_subdomains": origin.include_subdomains,
        "allow_insecure": origin.allow_insecure,
        "version": origin.shown,
    }


def _verdict(application: Application, pasted: str) -> Verdict:
    """Judge by the few rules that could speak of the pasted host, however many there are."""
    rules = _rules(application).filter(host__in=candidates(pasted)).order_by("-host", "port")
    return judge(pasted, [row.rule for row in rules])
