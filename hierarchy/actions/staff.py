"""Who belongs to the staff, and what they hold on every tree."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from hierarchy import access, audit
from hierarchy.actions.locking import keep_a_superuser, lock_people
from hierarchy.refusals import Refused

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.models import User


@transaction.atomic
def change_rights(
    user: User, *, by: User, is_staff: bool, is_superuser: bool, groups: Collection[Group]
) -> User:
    """Set whether somebody may enter the admin, and what they hold there; in force at once.

    For superusers alone, and not for themselves, so that one superuser always stays.
    """
    people = lock_people(user, by)
    user, by = people[user.pk], people[by.pk]
    _refuse_unless_superuser(user, by)
    if is_superuser and not is_staff:
        raise Refused("no_staff", _("A superuser is also staff."), field="is_staff")
    before, after = _rights_of(user), _rights(is_staff, is_superuser, groups)
    changes = audit.differences(before, after)
    if not changes:
        return user
    if not is_superuser:
        keep_a_superuser(user, people.values())
    user.is_staff, user.is_superuser = is_staff, is_superuser
    user.save(update_fields=["is_staff", "is_superuser"])
    user.groups.set(groups)
    access.forget(user)
    audit.record(
        "account.change_staff_rights",
        by=by,
        node=None,
        target=user,
        target_label=user.email,
        changes=changes,
    )
    return user


def _refuse_unless_superuser(user: User, by: User) -> None:
    if not (by.is_superuser and by.is_active):
        raise Refused("not_allowed", _("Only superusers decide who belongs to the staff."))
    if user.pk == by.pk:
        raise Refused("own", _("Nobody changes their own staff rights."))


def _rights_of(user: User) -> dict[str, Any]:
    return _rights(user.is_staff, user.is_superuser, user.groups.all())


def _rights(is_staff: bool, is_superuser: bool, groups: Collection[Group] | Any) -> dict[str, Any]:
    names: list[StrOrPromise] = sorted(group.name for group in groups)
    return {"is_staff": is_staff, "is_superuser": is_superuser, "groups": names}
