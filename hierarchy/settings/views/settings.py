"""The settings of a node in three groups: what holds, where it comes from, and changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hierarchy import access
from hierarchy.console import lookup, remedies
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import Request, attempt, render
from hierarchy.effective_settings import ShownSettings, effective_settings
from hierarchy.models.audit_event import Changes
from hierarchy.roles import CHANGE, VIEW_SETTINGS, Level, Permission
from hierarchy.setting_definitions import SETTINGS, Group, key_of, settings_of
from hierarchy.settings.actions import settings
from hierarchy.settings.forms.settings import SettingsForm

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from hierarchy.models.node import AnyNode


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, group: str, **path: str) -> HttpResponse:
    """Show a group of settings; set some of them here, let others be inherited again."""
    if group not in Group:
        raise Http404
    to = CHANGE if request.method == "POST" else VIEW_SETTINGS
    node = lookup.get_node(request.user, path, to=to)
    form = _form(request, node, Group(group))
    if form.is_valid():
        changes = attempt(form, lambda: _save(node, Group(group), form, request.user))
        if changes is not None:
            messages.success(request, _told(node, changes))
            return redirect(node_url(node, "settings", group=group))
    return _page(request, node, Group(group), form)


def changing(
    request: Request, node: AnyNode, permission: Permission | None = None
) -> dict[str, Any]:
    """Return whether the person may change the node as it stands, and what they lack for it.

    It takes `permission`, the one to change the node unless another is given, and its guards.
    """
    held = access.held(request.user, node)
    needed = [permission or CHANGE[node.level], *access.guards(node)]
    lacking = [each for each in needed if each not in held]
    if node.suspended_by is not None or not lacking:
        return {"may_edit": not lacking and node.suspended_by is None}
    return {"may_edit": False, "missing": remedies.missing(request, lacking[0], node)}


def tabs(node: AnyNode, current: str) -> list[tuple[str, str, bool]]:
    """Return the tabs of all settings pages: what describes the node, then the groups."""
    groups = [
        (str(group.label), node_url(node, "settings", group=group.value), group.value == current)
        for group in Group
    ]
    more = [
        (str(label), node_url(node, name), name == current)
        for name, (label, levels) in _more_tabs.items()
        if node.level in levels
    ]
    return [(_("General"), node_url(node, "edit"), current == "edit"), *groups, *more]


_more_tabs: dict[str, tuple[StrOrPromise, frozenset[Level]]] = {}


def declare_tab(name: str, label: StrOrPromise, levels: frozenset[Level]) -> None:
    """Give the settings pages of nodes of `levels` a tab that leads to the page `name`."""
    _more_tabs[name] = (label, levels)


def _form(request: Request, node: AnyNode, group: Group) -> SettingsForm:
    held = access.held(request.user, node)
    locked = {
        setting.key
        for setting in settings_of(group)
        if setting.permission is not None and setting.permission not in held
    }
    return SettingsForm(
        request.POST or None,
        group=group,
        effective=effective_settings(node),
        locked=frozenset(locked),
        is_top=node.parent is None,
        may_lock=node.level is not Level.APPLICATION,
        initial={"version": ShownSettings(node, group)},
    )


def _save(node: AnyNode, group: Group, form: SettingsForm, by: Any) -> Changes:
    version = form.cleaned_data["version"]
    return settings.change(node, group, form.values(), by=by, version=version, locks=form.locks())


def _told(node: AnyNode, changes: Changes) -> str:
    """Return in words what has been changed, with the values that hold now."""
    effective = effective_settings(node)
    sentences = []
    for key, (_before, after) in changes.items():
        current = effective[key_of(key)]
        words = {"setting": current.setting.label, "value": current.display}
        sentences.append(_sentence(key, after) % words)
    return " ".join(sentences) or _("There were no changes to save.")


def _sentence(key: str, after: object) -> str:
    if key not in SETTINGS:
        locked = _("%(setting)s is now locked for everything below.")
        return locked if after else _("%(setting)s is no longer locked.")
    if after is None:
        return _("%(setting)s is inherited again: %(value)s.")
    return _("%(setting)s changed to %(value)s.")


def _page(request: Request, node: AnyNode, group: Group, form: SettingsForm) -> HttpResponse:
    return render(
        request,
        "console/settings/change.html",
        node=node,
        section="settings",
        form=form,
        group=group,
        tabs=tabs(node, group.value),
        **changing(request, node),
    )
