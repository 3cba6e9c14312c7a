"""The settings of a node in the admin: the same form, the same action as in the console."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from hierarchy import access
from hierarchy.access import Anybody
from hierarchy.effective_settings import ShownSettings, effective_settings
from hierarchy.refusals import Refused, Stale
from hierarchy.roles import CHANGE, Level
from hierarchy.setting_definitions import Group, settings_of
from hierarchy.settings.actions import settings
from hierarchy.settings.forms.settings import SettingsForm
from hierarchy.staff.admin.action_forms import show_refusal
from hierarchy.staff.admin.base import actor, note_lacking


def may_change(user: Anybody, node: Any) -> bool:
    """Return whether `user` may change `node`, as a member or globally."""
    needed = {CHANGE[node.level], *access.guards(node)}
    return all(access.can(user, permission, node) for permission in needed)


def form_for(request: HttpRequest, node: Any, group: Group) -> SettingsForm:
    """Return the form of a group, with what the person may not change locked."""
    return SettingsForm(
        request.POST or None,
        group=group,
        effective=effective_settings(node),
        locked=_locked(request.user, node, group),
        may_lock=node.level is not Level.APPLICATION,
        initial={"version": ShownSettings(node, group)},
    )


def save(request: HttpRequest, form: SettingsForm, node: Any, group: Group) -> bool:
    """Save a valid form and say what has changed, or show why not; return whether it is saved."""
    version = form.cleaned_data["version"]
    try:
        changes = settings.change(
            node, group, form.values(), by=actor(request), version=version, locks=form.locks()
        )
    except Stale as stale:
        form.meet(stale)
        return False
    except Refused as refused:
        note_lacking(request, refused)
        show_refusal(form, refused)
        return False
    shown = ShownSettings(node, group)
    labels = ", ".join(shown.label(key) for key in changes)
    said = _("Changed: %(settings)s.") % {"settings": labels} if changes else _("Nothing changed.")
    messages.success(request, said)
    return True


def _locked(user: Anybody, node: Any, group: Group) -> frozenset[str]:
    declared = settings_of(group)
    if node.is_deleted or not may_change(user, node):
        return frozenset(setting.key for setting in declared)
    return frozenset(
        setting.key
        for setting in declared
        if setting.permission and not access.can(user, setting.permission, node)
    )
