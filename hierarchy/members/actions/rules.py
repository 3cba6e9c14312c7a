"""Rules for every way of becoming a member or changing one.

Nobody hands out more than they hold, and nobody becomes a member twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from config.visible_text import clean_line, clean_lines
from hierarchy import access, dates
from hierarchy.models import AnyRole, CustomRole, Membership, Status
from hierarchy.models.invitation import LONGEST_MESSAGE
from hierarchy.refusals import Refused
from hierarchy.roles import VIEW_MEMBER, Permission, Role, in_order

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode


def require_to_hold(by: User, node: AnyNode, permissions: Iterable[Permission]) -> None:
    """Refuse unless `by` holds all of `permissions` on `node`: nobody hands out more."""
    lacking = set(permissions) - access.held_here(by, node)
    if lacking:
        sentence = _(
            "You can't give or change more than you hold yourself, and you don't have permission"
            " to %(permission)s."
        )
        words = {"permission": in_order(lacking)[0].label}
        raise Refused("more_than_you_hold", sentence % words, field="role")


def require_to_give(by: User, node: AnyNode, role: AnyRole) -> None:
    """Refuse unless the role makes sense on `node` and `by` holds all that it grants there."""
    refuse_unfit(role, node)
    require_to_hold(by, node, role.permissions_on(node.level))


def refuse_unfit(role: AnyRole, node: AnyNode) -> None:
    """Refuse a role that makes no sense on `node`, or no longer exists."""
    if role == Role.CUSTOM:
        sentence = _("Choose a built-in role, or one of the organization's custom roles.")
        raise Refused("unfit_role", sentence, field="role")
    if isinstance(role, CustomRole) and role not in access.custom_roles_for(node):
        in_use = CustomRole.objects.in_use().filter(organization=node.organization.pk)
        sentence = _(
            "The role %(role)s can't be given there, because it doesn't include permission to see"
            " %(node)s."
        )
        if not in_use.filter(pk=role.pk).exists():
            sentence = _("The organization no longer has a role %(role)s.")
        raise Refused("unfit_role", sentence % {"role": role, "node": node}, field="role")


def refuse_member(
    membership: Membership | None, node: AnyNode, *, person: str = "", field: str | None = None
) -> None:
    """Refuse to make a member of a person with a membership of `node`, of whatever state."""
    if membership is not None:
        code, sentence = reason_already_member(membership, node, person=person)
        raise Refused(code, sentence, field=field)


def reason_already_member(
    membership: Membership, node: AnyNode, *, person: str = ""
) -> tuple[str, str]:
    """Return a code and a sentence: why its person can't become a member of `node`.

    The sentence says what to do instead, about `person` or else to the members themselves.
    """
    words = {"person": person, "node": node, "when": ""}
    code = "already_member"
    to_them = _("You're already a member of %(node)s.")
    of_them = _("%(person)s is already a member of %(node)s.")
    if not membership.is_active:
        code = "suspended_member"
        to_them = _(
            "Your membership of %(node)s is suspended. Ask someone who manages its members."
        )
        of_them = _("%(person)s is a suspended member of %(node)s. Reactivate them instead.")
    elif membership.has_ended:
        code = "ended"
        words["when"] = dates.in_words(membership.ends_at)
        to_them = _("Your access to %(node)s ended on %(when)s. Ask for it again.")
        of_them = _("The access of %(person)s to %(node)s ended on %(when)s. Extend that instead.")
    elif not membership.has_begun:
        code = "not_begun"
        words["when"] = dates.in_words(membership.starts_at)
        to_them = _("Your access to %(node)s begins on %(when)s.")
        of_them = _("The access of %(person)s to %(node)s begins on %(when)s.")
    return code, (of_them if person else to_them) % words


def sees_members(by: User, node: AnyNode) -> bool:
    """Return whether `by` may know who is a member of `node` itself."""
    return VIEW_MEMBER[node.level] in access.held_here(by, node)


def refuse_suspended_above(
    people: Iterable[int], node: AnyNode, sentence: str, *, field: str | None = None
) -> None:
    """Refuse to make a member of a person whom a suspended membership silences on `node`.

    `people` are the ids of their accounts, or a query for them.
    """
    if is_silenced(people, node):
        raise Refused("suspended_member", sentence, field=field)


def is_silenced(people: Iterable[int], node: AnyNode) -> bool:
    """Return whether a suspended membership on the path silences one of `people` on `node`."""
    rows = Membership.objects.on_path(node).filter(user__in=people, status=Status.SUSPENDED)
    return bool(rows.exists())


def refuse_dates(starts_at: datetime | None, ends_at: datetime | None) -> None:
    for field, instant in (("starts_at", starts_at), ("ends_at", ends_at)):
        try:
            if instant is not None:
                dates.refuse_far(instant)
        except ValidationError as error:
            raise Refused("far", error.messages[0], field=field) from error
    if ends_at is None:
        return
    if ends_at <= timezone.now():
        raise Refused("past", _("The end date is in the past."), field="ends_at")
    if starts_at is not None and ends_at <= starts_at:
        raise Refused("order", _("The end must be after the start."), field="ends_at")


def clean_message(message: str) -> str:
    """Return a message as it is stored; refuse one that is too long, or has something hidden."""
    text = clean_text(message, field="message")
    if len(text) > LONGEST_MESSAGE:
        sentence = _("Use at most %(most)d characters.") % {"most": LONGEST_MESSAGE}
        raise Refused("invalid", sentence, field="message")
    return text


def clean_text(text: str, *, field: str) -> str:
    """Clean a text of several lines as `clean_note` does."""
    return _seen(clean_lines, text, field=field)


def clean_note(note: str, *, field: str) -> str:
    """Return a line that others read, of the input `field`, as it is stored; refuse hidden text."""
    return _seen(clean_line, note, field=field)


def _seen(clean: Callable[[str], str], text: str, *, field: str) -> str:
    try:
        return clean(text)
    except ValidationError as error:
        raise Refused("invalid", error.messages[0], field=field) from error
