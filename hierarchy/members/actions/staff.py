"""Staff: who belongs to them, and what they hold on every tree."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import mails
from config.versions import Shown
from hierarchy import access, audit
from hierarchy.locking import lock_people, refusing_duplicates
from hierarchy.members.actions import rules
from hierarchy.models.audit_event import Changes
from hierarchy.refusals import Refused, refuse_stale

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import StrOrPromise

    from accounts.models import User
    from config.versions import Version


@transaction.atomic
def change_rights(
    user: User,
    *,
    by: User,
    version: Version,
    is_staff: bool,
    is_superuser: bool,
    groups: Collection[Group],
) -> User:
    """Set whether a person may enter the admin, and what they hold there; effective at once.

    For superusers alone, and not for themselves, so that one superuser always stays. `version` is
    that of the `shown_rights` that `by` has read.
    """
    people = lock_people(user, by)
    user = people[user.pk]
    by = people[by.pk]
    _refuse_unless_superuser(user, by)
    refuse_stale(shown_rights(user), version)
    if user.is_closed:
        raise Refused("closed", _("The account has already been closed."))
    if is_superuser and not is_staff:
        raise Refused("no_staff", _("A superuser has to be staff as well."), field="is_staff")
    before = _rights_of(user)
    after = _rights(is_staff, is_superuser, groups)
    changes = audit.differences(before, after)
    if not changes:
        return user
    if not is_superuser:
        keep_a_superuser(user, people.values())
    user.is_staff = is_staff
    user.is_superuser = is_superuser
    user.save(update_fields=["is_staff", "is_superuser"])
    user.groups.set(groups)
    access.forget(user)
    audit.record(
        "account.change_staff_rights",
        by=by,
        node=None,
        target=user,
        target_label=audit.label_of(user),
        changes=changes,
    )
    return user


@transaction.atomic
def save_group(
    group: Group, *, name: str, permissions: Collection[Permission], by: User, version: Version
) -> Group:
    """Create or change a staff group: what its people hold on every tree; effective at once.

    `version` is that of what is `shown_of_group`; of one that is created it says nothing.
    """
    _require_superuser(lock_people(by)[by.pk])
    before: dict[str, object] = {}
    if group.pk is not None:
        stored = _lock_group(group)
        refuse_stale(shown_of_group(stored), version)
        before = _facts_of(stored)
    verb = "edit" if before else "create"
    group.name = rules.clean_note(name, field="name")
    with refusing_duplicates(_("There is already a group with that name."), field="name"):
        group.save()
    group.permissions.set(permissions)
    changes = audit.differences(before, _facts_of(group))
    if changes:
        _record_group(verb, group, by, changes)
    return group


@transaction.atomic
def delete_group(group: Group, *, by: User, version: Version) -> None:
    """Take from everyone in the group what it gives them; `version` is as for saving it."""
    _require_superuser(lock_people(by)[by.pk])
    group = _lock_group(group)
    refuse_stale(shown_of_group(group), version)
    people = [audit.label_of(user) for user in group.user_set.order_by("email")]
    before = _facts_of(group) | {"people": people}
    _record_group("delete", group, by, audit.differences(before, dict.fromkeys(before)))
    group.delete()


@transaction.atomic
def take_factor(factor: Authenticator, *, by: User, version: Version) -> None:
    """Remove a second factor that a person has lost.

    Recovery codes are a key to another factor, and go with the last one. `version` is that of what
    is `shown_of_factor`.
    """
    people = lock_people(factor.user, by)
    _require_superuser(people[by.pk])
    theirs = Authenticator.objects.filter(user=factor.user_id)
    if not theirs.filter(pk=factor.pk).exists():
        raise Refused("gone", _("That second factor no longer exists."))
    refuse_stale(shown_of_factor(theirs.get(pk=factor.pk)), version)
    before = _kinds(theirs)
    theirs.filter(pk=factor.pk).delete()
    if not theirs.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        theirs.delete()
    user = people[factor.user_id]
    audit.record(
        "account.take_factor",
        by=by,
        node=None,
        target=user,
        target_label=audit.label_of(user),
        changes={"second_factors": [before, _kinds(theirs)]},
    )
    mails.queue("account/email/factor_taken", user.email, {})


def shown_rights(user: User) -> Shown:
    """Return what a form for a person's staff rights shows."""
    return Shown(user, "is_staff", "is_superuser", groups=_rights_of(user)["groups"])


def shown_of_group(group: Group) -> Shown:
    """Return what is shown of a staff group where it is changed or deleted."""
    return Shown(group, **_facts_of(group))


def shown_of_factor(factor: Authenticator) -> Shown:
    """Return what is shown of a second factor where it is removed. No key of it."""
    return Shown(factor, "type", "created_at")


def _kinds(factors: QuerySet[Authenticator]) -> list[str]:
    return [str(factor.get_type_display()) for factor in factors.order_by("pk")]


def _lock_group(group: Group) -> Group:
    fresh = Group.objects.select_for_update().filter(pk=group.pk).first()
    if fresh is None:
        raise Refused("gone", _("That group no longer exists."))
    return fresh


def _facts_of(group: Group) -> dict[str, Any]:
    held = group.permissions.values_list("content_type__app_label", "codename")
    return {"name": group.name, "permissions": sorted(".".join(names) for names in held)}


def _record_group(verb: str, group: Group, by: User, changes: Changes) -> None:
    audit.record(
        f"staff_group.{verb}",
        by=by,
        node=None,
        target=group,
        target_label=group.name,
        changes=changes,
    )


def _require_superuser(by: User) -> None:
    if not (by.is_superuser and by.is_active):
        raise Refused("not_allowed", _("Only superusers can decide who is on the staff."))


def _refuse_unless_superuser(user: User, by: User) -> None:
    _require_superuser(by)
    if user.pk == by.pk:
        raise Refused("own", _("You can't change your own staff rights."))


def _rights_of(user: User) -> dict[str, object]:
    return _rights(user.is_staff, user.is_superuser, user.groups.all())


def _rights(is_staff: bool, is_superuser: bool, groups: Collection[Group] | Any) -> dict[str, Any]:
    names: list[StrOrPromise] = sorted(group.name for group in groups)
    return {"is_staff": is_staff, "is_superuser": is_superuser, "groups": names}


def keep_a_superuser(user: User, locked: Iterable[User]) -> None:
    """Refuse to remove the last superuser; `locked` is from `lock_people`."""
    if not (user.is_superuser and user.is_active):
        return
    if not any(one.is_superuser and one.is_active for one in locked if one.pk != user.pk):
        sentence = _("There has to be at least one active superuser. Make someone else one first.")
        raise Refused("last_superuser", sentence)
