"""Roles that an organization composes for itself. The rule: never from more than one holds.

Editing a role counts as changing every membership that has it, and deleting one as giving each of
its holders another role: the rules of memberships apply to every one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from config.versions import digest
from hierarchy import access, audit, grants, notices
from hierarchy.identities import Phrase
from hierarchy.locking import lock, refusing_duplicates
from hierarchy.members.actions import owners, rules
from hierarchy.models import (
    AnyRole,
    CustomRole,
    EmailDomain,
    HeldRole,
    Invitation,
    Membership,
    Organization,
    State,
    role_columns,
    word_for,
)
from hierarchy.models.custom_role import LONGEST_DESCRIPTION, ShownRole
from hierarchy.names import clean_name, likeness, likenesses
from hierarchy.refusals import Refused, refuse_stale
from hierarchy.roles import (
    CHANGE_MEMBER,
    Level,
    Permission,
    Role,
    completed,
    composed,
    in_order,
    owns,
)

if TYPE_CHECKING:
    from accounts.models import User
    from config.versions import Shown, Version
    from hierarchy.models.node import AnyNode

MOST_ROLES = 50
# What forms and addresses call a role, so no role may have it as its name.
RESERVED_NAME = re.compile(r"custom-\d+")


@transaction.atomic
def create(
    organization: Organization,
    *,
    name: str,
    permissions: Iterable[Permission],
    by: User,
    description: str = "",
) -> CustomRole:
    """Compose a role of permissions that `by` holds, and of those to see what they are about."""
    organization = lock(organization)
    access.require(by, Permission.MANAGE_CUSTOM_ROLES, organization)
    if CustomRole.objects.in_use().filter(organization=organization).count() >= MOST_ROLES:
        sentence = _("An organization can have at most %(most)d custom roles.")
        raise Refused("too_many", sentence % {"most": MOST_ROLES})
    role = CustomRole(organization=organization)
    _fill(role, name, description, permissions, by)
    _save(role)
    audit.record(
        "custom_role.create",
        by=by,
        node=organization,
        target=role,
        changes={"permissions": [[], role.permissions]},
    )
    return role


@transaction.atomic
def edit(
    role: CustomRole,
    *,
    name: str,
    permissions: Iterable[Permission],
    by: User,
    version: Version,
    preview: Version,
    description: str = "",
) -> CustomRole:
    """Change what a role is called and grants, for everyone who has it, at once.

    `version` is that of the role's `shown`. Where holders gain or lose by the change, `preview` is
    that of what was `shown_to_change` them.
    """
    role = _lock_for(role, by)
    refuse_stale(role.shown, version)
    before = _facts(role)
    had = role.permissions
    permissions = list(permissions)
    effects = shown_to_change(role, composed_names(permissions))
    _fill(role, name, description, permissions, by)
    holders = _holders(role)
    domains = _domains(role)
    if domains:
        owners.require_owner(by, role.organization)
        _refuse_ownership(role)
    for node in _nodes(holders, _offers(role), domains):
        _require_to_change(by, node, composed(had, node.level))
        if not role.suits(node.level):
            sentence = _("The role is used on %(node)s, so it has to include permission to see it.")
            raise Refused("unfit_role", sentence % {"node": node.name}, field="permissions")
    changes = audit.differences(before, _facts(role))
    if not changes:
        return role
    if holders and "permissions" in changes:
        refuse_stale(effects, preview)
    role.version += 1
    _save(role)
    audit.record("custom_role.edit", by=by, node=role.organization, target=role, changes=changes)
    notices.tell_of_holders(role.organization, holders, CustomRole(permissions=had), role, by=by)
    return role


@transaction.atomic
def delete(
    role: CustomRole,
    *,
    by: User,
    version: Version,
    preview: Version,
    replacement: AnyRole | None = None,
) -> None:
    """Do away with a role; its holders, and whom it is offered to, get `replacement` instead.

    Who joins from an e-mail domain that gave it becomes a viewer from now on. `version` and
    `preview` are as for `edit`.
    """
    role = _lock_for(role, by)
    refuse_stale(role.shown, version)
    holders = _holders(role)
    offers = _offers(role)
    domains = _domains(role)
    if domains:
        owners.require_owner(by, role.organization)
    if (holders or offers) and replacement is None:
        raise Refused("in_use", _("Choose a role for its holders."), field="replacement")
    if replacement == role:
        raise Refused("same_role", _("Choose another role."), field="replacement")
    if holders:
        refuse_stale(shown_to_change(role, names_of(replacement)), preview)
    changes: dict[str, list[object]] = {"permissions": [role.permissions, []]}
    if replacement is not None and (holders or offers):
        nodes = _nodes(holders, offers)
        for node in {node.level: node for node in nodes}.values():  # one of each is enough
            rules.refuse_unfit(replacement, node)
        for node in nodes:
            _require_to_change(by, node, role.permissions_on(node.level))
            rules.require_to_hold(by, node, replacement.permissions_on(node.level))
        columns = role_columns(replacement)
        Membership.objects.filter(pk__in=[row.pk for row in holders]).update(**columns)
        Invitation.objects.filter(pk__in=[row.pk for row in offers]).update(**columns)
        grants.derive_all({row.user_id for row in holders}, role.organization)
        people = [Phrase((audit.label_of(row.user), f", {row.node.name}")) for row in holders]
        offered = [Phrase((row.email, f", {row.node.name}")) for row in offers]
        changes |= {
            "replacement": [None, word_for(replacement)],
            "holders": [people, []],
            "offers": [offered, []],
        }
    if domains:
        EmailDomain.objects.filter(custom_role=role).update(**role_columns(Role.VIEWER))
        changes["domains"] = [[domain.domain for domain in domains], []]
    role.deleted_at = timezone.now()
    role.save(update_fields=["deleted_at"])
    audit.record("custom_role.delete", by=by, node=role.organization, target=role, changes=changes)
    if replacement is not None:
        notices.tell_of_holders(role.organization, holders, role, replacement, by=by)


def _refuse_ownership(role: CustomRole) -> None:
    """Refuse to make an owner's role of one that people get by joining."""
    if owns(role.permissions_on(Level.ORGANIZATION), Level.ORGANIZATION):
        sentence = _(
            "People can join with this role, so it can't include everything that an owner can do."
        )
        raise Refused("owner", sentence, field="permissions")


def shown_to_change(role: CustomRole, names: Iterable[str]) -> Shown:
    """Return what is shown before its holders may do what `names` says instead: who they are."""
    holders = Membership.objects.filter(custom_role=role).order_by("pk")
    ids = {"digest": digest(holders.values_list("pk", flat=True))}
    return ShownRole(
        role,
        "name",
        "description",
        "permissions",
        about=f"change {digest(sorted(names))}",
        holders=ids,
    )


def names_of(role: AnyRole | None) -> list[str]:
    """Return the names of what a role grants at the most, of none for no role."""
    return sorted(role.permissions_on(Level.ORGANIZATION)) if role else []


def composed_names(permissions: Iterable[Permission]) -> list[str]:
    """Return the names of what a role of `permissions` grants, those to see it among them."""
    return [permission.value for permission in in_order(completed(permissions))]


def _lock_for(role: CustomRole, by: User) -> CustomRole:
    """Return the role as it is now, for a person who may change it and doesn't hold it."""
    organization = lock(role.organization)
    access.require(by, Permission.MANAGE_CUSTOM_ROLES, organization)
    fresh = CustomRole.objects.in_use().filter(pk=role.pk).first()
    if fresh is None:
        raise Refused("gone", _("This role no longer exists."))
    fresh.organization = organization
    if Membership.objects.filter(custom_role=fresh, user=by).exists():
        raise Refused("own", _("You can't change a role that you hold yourself."))
    rules.require_to_hold(by, organization, fresh.permissions_on(organization.level))
    return fresh


def _fill(
    role: CustomRole, name: str, description: str, permissions: Iterable[Permission], by: User
) -> None:
    try:
        role.name = clean_name(name)
    except ValidationError as error:
        raise Refused("invalid", error.messages[0], field="name") from error
    _refuse_confusing_name(role)
    role.description = rules.clean_note(description, field="description")
    if len(role.description) > LONGEST_DESCRIPTION:
        raise Refused("invalid", _("Use at most 200 characters."), field="description")
    chosen = completed(permissions)
    if not chosen:
        sentence = _("Choose at least one permission.")
        raise Refused("empty", sentence, field="permissions")
    rules.require_to_hold(by, role.organization, chosen)
    role.permissions = composed_names(chosen)


def _refuse_confusing_name(role: CustomRole) -> None:
    """Refuse a name that could be taken for another role, for instance when typed by hand."""
    words = likenesses(role.name)
    if words & _built_in_names():
        sentence = _("“%(name)s” is a built-in role. Choose another name.")
        raise Refused("built_in", sentence % {"name": role.name}, field="name")
    if any(RESERVED_NAME.fullmatch(word) for word in words):
        sentence = _("“%(name)s” could be mistaken for another role. Choose another name.")
        raise Refused("reserved", sentence % {"name": role.name}, field="name")
    others = CustomRole.objects.in_use().filter(organization=role.organization).exclude(pk=role.pk)
    if any(words & likenesses(name) for name in others.values_list("name", flat=True)):
        raise Refused("duplicate", _name_is_taken(role), field="name")


def _built_in_names() -> set[str]:
    """Return what built-in roles are called, in every language that the pages have."""
    names = {likeness(role.value) for role in Role}
    for language, _language_name in settings.LANGUAGES:
        with override(language):
            names |= {likeness(str(role.label)) for role in Role}
    return names


def _name_is_taken(role: CustomRole) -> str:
    return _("The organization already has a role “%(name)s”.") % {"name": role.name}


def _save(role: CustomRole) -> None:
    with refusing_duplicates(_name_is_taken(role), field="name"):
        role.save()


def _holders(role: CustomRole) -> list[Membership]:
    rows = Membership.objects.filter(custom_role=role).with_nodes()
    return list(rows.select_related("user").order_by("id"))


def _offers(role: CustomRole) -> list[Invitation]:
    rows = Invitation.objects.filter(custom_role=role, state=State.PENDING)
    return list(rows.with_nodes().order_by("id"))


def _domains(role: CustomRole) -> list[EmailDomain]:
    """Return the e-mail domains whose people get the role by joining."""
    rows = EmailDomain.objects.filter(custom_role=role).select_related("organization")
    return list(rows.order_by("id"))


def _nodes(*rows: Iterable[HeldRole]) -> list[AnyNode]:
    """Return the nodes that the rows hang on, each once."""
    return list(dict.fromkeys(row.node for part in rows for row in part))


def _require_to_change(by: User, node: AnyNode, had: Iterable[Permission]) -> None:
    """Refuse unless `by` could change who has the role on `node`, which may be in the trash."""
    rules.require_to_hold(by, node, {CHANGE_MEMBER[node.level], *had})


def _facts(role: CustomRole) -> dict[str, object]:
    return {
        "name": role.name,
        "description": role.description,
        "permissions": list(role.permissions),
    }
