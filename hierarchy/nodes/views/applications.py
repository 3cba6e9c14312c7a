"""Creating applications, and their overview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hierarchy import access
from hierarchy.access import Anybody
from hierarchy.console import lookup, paging
from hierarchy.console.navigation import channel_of, node_url
from hierarchy.console.views.pages import Request, attempt, render
from hierarchy.console.views.sent_once import once
from hierarchy.effective_settings import EffectiveSetting, effective_settings
from hierarchy.models import Application, Environment, TrustedOrigin, Workspace
from hierarchy.nodes.actions import applications
from hierarchy.nodes.actions.slugs import Scope
from hierarchy.nodes.forms.applications import NewApplicationForm
from hierarchy.nodes.views.nodes import overview
from hierarchy.nodes.views.slugs import slug_of
from hierarchy.roles import Level, Permission

if TYPE_CHECKING:
    from accounts.models import User

# What the overview shows of the settings: the ones that change most for the people outside.
TOLD = ("time_zone", "locales", "consent", "ip_address", "require_signed_token", "max_token_age")
PREFILLED = ("name", "slug", "platform", "website", "bundle_id")


@require_http_methods(["GET", "HEAD", "POST"])
@once
def create(request: Request, organization: str, workspace: str) -> HttpResponse:
    """Create an application in one environment or several."""
    node = lookup.get_workspace(
        request.user, organization, workspace, to=Permission.ADD_APPLICATION
    )
    form = NewApplicationForm(
        request.POST or None,
        place={"new": Level.APPLICATION.value} | node.slugs,
        initial=_prefilled(request),
    )
    if form.is_valid():
        created = attempt(form, lambda: _create(node, form, request.user))
        if created is not None:
            messages.success(request, _done(created))
            return redirect(node_url(created[0]))
    return render(request, "console/applications/create.html", node=node, form=form)


@require_safe
def detail(request: Request, **path: str) -> HttpResponse:
    """Show an application: how it is known, its environments, what holds for it."""
    node = lookup.get_application(request.user, path, to=Permission.VIEW_APPLICATION)
    origins = TrustedOrigin.objects.filter(application=node)
    channel = channel_of(request.user, node)
    return render(
        request,
        "console/applications/detail.html",
        node=node,
        section="overview",
        channel=channel,
        environments=_environments(request.user, node, channel),
        origins=paging.count_up_to(origins),
        settings=_told(node, request.user),
        **overview(request, node),
    )


def _prefilled(request: Request) -> dict[str, object]:
    """Return what the link of a missing environment says about the channel."""
    initial: dict[str, object] = {name: request.GET.get(name, "") for name in PREFILLED}
    if request.GET.get("environment") in Environment:
        initial["environments"] = [request.GET["environment"]]
    return initial


def _create(workspace: Workspace, form: NewApplicationForm, by: User) -> list[Application]:
    environments = form.cleaned_data["environments"]
    scopes = [
        Scope(Level.APPLICATION, workspace.organization, workspace, environment)
        for environment in environments
    ]
    fields = form.cleaned_data | {"slug": slug_of(form, scopes)}
    return applications.create_channel(workspace, by=by, **fields)


def _done(created: list[Application]) -> str:
    environments = [str(each.get_environment_display()).lower() for each in created]
    words = {"node": created[0].name, "environments": get_text_list(environments, _("and"))}
    return _("%(node)s has been created in %(environments)s.") % words


def _environments(
    user: Anybody, node: Application, channel: list[Application]
) -> list[tuple[str, str, str, bool]]:
    """Return (environment, label, address, exists) of the channel, as far as one may go there.

    The address of an environment that is missing creates it.
    """
    present = {each.environment: each for each in channel}
    may_add = access.can(user, Permission.ADD_APPLICATION, node.workspace)
    places = []
    for environment, label in Environment.choices:
        if environment in present:
            places.append((environment, str(label), node_url(present[environment]), True))
        elif may_add:
            places.append((environment, str(label), _creation_url(node, environment), False))
    return places


def _creation_url(node: Application, environment: str) -> str:
    values = {name: getattr(node, name) for name in PREFILLED} | {"environment": environment}
    address = reverse("console:application-create", kwargs=node.workspace.slugs)
    return f"{address}?{urlencode(values)}"


def _told(node: Application, user: Anybody) -> list[EffectiveSetting]:
    if Permission.VIEW_APPLICATION_SETTINGS not in access.held(user, node):
        return []
    effective = effective_settings(node)
    return [effective[key] for key in TOLD]
