"""Actions on accounts, and what becomes of their memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts import erasure, mails
from config.versions import Shown
from hierarchy import access, audit, fates, identities, notices, outbox
from hierarchy.locking import lock_organization, lock_people
from hierarchy.members.actions import blocks, memberships, owners
from hierarchy.members.actions.staff import keep_a_superuser
from hierarchy.models import (
    Identity,
    Invitation,
    MailState,
    Membership,
    Organization,
    OutgoingMail,
    State,
)
from hierarchy.notices import Change
from hierarchy.refusals import Refused, refuse_stale

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User
    from config.versions import Version

CHANGE_USER = "accounts.change_user"


@transaction.atomic
def deactivate(user: User, *, by: User, version: Version) -> User:
    """Lock a person out everywhere, at their next request; memberships stay for their return.

    `version` is that of what is `shown` of the account, as for reactivating it.
    """
    people = _lock(user, by)
    user = people[user.pk]
    by = people[by.pk]
    _require_staff(user, by)
    refuse_stale(shown(user), version)
    if user.pk == by.pk:
        raise Refused("own", _("You can't deactivate your own account, but you can close it."))
    if not user.is_active:
        raise Refused("inactive", _("The account isn't active."))
    _refuse_sole_owner(user)
    keep_a_superuser(user, people.values())
    owned = _owned(user)
    user = _set_active(user, False, "deactivate", by)
    mails.queue("account/email/account_deactivated", user.email, {})
    notices.tell_owners_of_account(owned, Change.DEACTIVATED, by=by)
    return user


@transaction.atomic
def reactivate(user: User, *, by: User, version: Version) -> User:
    """Let a person in again, with what their memberships still grant."""
    people = _lock(user, by)
    user = people[user.pk]
    by = people[by.pk]
    _require_staff(user, by)
    refuse_stale(shown(user), version)
    if user.is_active:
        raise Refused("active", _("The account is already active."))
    if user.is_closed:
        sentence = _("The account has been closed. The person has to sign up again.")
        raise Refused("closed", sentence)
    user = _set_active(user, True, "reactivate", by)
    mails.queue("account/email/account_reactivated", user.email, {})
    notices.tell_owners_of_account(_owned(user), Change.ACCOUNT_BACK, by=by)
    return user


@transaction.atomic
def close(user: User, *, version: Version) -> None:
    """Leave every organization and erase the account; the activity keeps what was done.

    `version` is that of what is `shown_to_close`.
    """
    people = _lock(user)
    user = people[user.pk]
    refuse_stale(shown_to_close(user), version)
    if not user.is_active:
        raise Refused("inactive", _("The account isn't active."))
    _close(user, people, by=user, event="account.close", of_memberships="membership.leave")


@transaction.atomic
def erase(user: User, *, by: User, version: Version) -> None:
    """Close a person's account for them, as the law may demand; who did it is recorded.

    `version` is that of what is `shown` of the account.
    """
    people = _lock(user, by)
    user = people[user.pk]
    by = people[by.pk]
    _require_staff(user, by)
    refuse_stale(shown(user), version)
    if user.pk == by.pk:
        raise Refused("own", _("You can't erase your own account here. Close it instead."))
    if user.is_closed:
        raise Refused("closed", _("The account has already been closed."))
    _close(user, people, by=by, event="account.erase", of_memberships="membership.remove")


def _close(
    user: User, people: dict[int, User], *, by: User, event: str, of_memberships: str
) -> None:
    """End what the account has, record that, and let nothing of it identify the person."""
    _refuse_sole_owner(user)
    keep_a_superuser(user, people.values())
    _end_everything(user, by, of_memberships)
    audit.record(event, by=by, node=None, target=user)
    _erase(user)


@transaction.atomic
def erase_address(identity: Identity, *, by: User, version: Version) -> None:
    """Take an address without an account out of the activity, with what was sent to it.

    That is done in every organization whose events name it, not only in that of `identity`.
    Invitations to it end, no matter who sent them. `version` is that of what is `shown` of it.
    """
    email = identity.email
    invitations = Invitation.objects.filter(email=email).order_by()
    for organization_id in sorted(set(invitations.values_list("organization", flat=True))):
        lock_organization(organization_id)
    by = lock_people(by)[by.pk]
    if not by.has_perm(CHANGE_USER):
        raise Refused("not_allowed", _("Only staff who can change people can do this."))
    fresh = Identity.objects.filter(pk=identity.pk, person_id=None, erased_at=None).first()
    if fresh is None:
        raise Refused("gone", _("The activity no longer names that address."))
    refuse_stale(fresh.shown, version)
    if EmailAddress.objects.filter(email=email).exists():
        sentence = _("The address belongs to an account. Erase that account instead.")
        raise Refused("has_account", sentence)
    identities.erase_addresses([email])
    outbox.withhold_links(invitations.filter(state=State.PENDING))
    OutgoingMail.objects.filter(recipient=email).exclude(state=MailState.SENDING).delete()
    invitations.delete()
    audit.record("identity.erase", by=by, node=None)


def _end_everything(user: User, by: User, action: str) -> None:
    """End the person's memberships, recorded as `action`; then all else as its model declares."""
    for membership in Membership.objects.filter(user=user).with_nodes().order_by("id"):
        gains = blocks.would_gain(membership)
        memberships.end(membership, [], action, by, blocks_them=gains)
    Organization.objects.filter(successor=user).update(
        successor=None
    )  # where they weren't a member
    fates.close_account(user, by=by)


def _erase(user: User) -> None:
    """Leave nothing that says who they were: in the activity, in the account.

    Only addresses that were shown to be theirs are taken out of what names no account.
    """
    mails.queue("account/email/account_closed", user.email, {})
    emails = list(user.verified_addresses().values_list("email", flat=True))
    identities.erase(user, emails)
    erasure.erase(user)
    access.forget(user)


def shown(user: User) -> Shown:
    """Return what staff are shown of an account where they decide whether it may sign in."""
    return Shown(user, "email", "is_active", "is_staff", "is_superuser")


def shown_to_close(user: User) -> Shown:
    """Return what a person closing their account is shown: which, and how much ends with it."""
    memberships = Membership.objects.filter(user=user).count()
    return Shown(user, "email", about="close", memberships=memberships)


def _lock(user: User, *others: User) -> dict[int, User]:
    """Return the people as they are now, after locking every organization of `user`.

    The organizations come first in the lock order, so one that was joined before the account
    could be locked is too late to be locked as well.
    """
    organizations = _organizations_of(user)
    for organization_id in sorted(organizations):
        lock_organization(organization_id)
    locked = lock_people(user, *others)
    if _organizations_of(user) - organizations:
        sentence = _("The person has just joined an organization, or asked to. Try again.")
        raise Refused("changed", sentence)
    return locked


def _organizations_of(user: User) -> set[int]:
    """Return where they are members, or named by what the closing of their account changes."""
    joined = Membership.objects.filter(user=user).order_by()
    return set(joined.values_list("organization", flat=True)) | fates.places_of(user)


def _require_staff(user: User, by: User) -> None:
    if not by.has_perm(CHANGE_USER) or (user.is_superuser and not by.is_superuser):
        raise Refused("not_allowed", _("Only staff who can change people can do this."))


def _refuse_sole_owner(user: User) -> None:
    owned = owners.sole_owned(user) if user.is_active else []
    if owned:
        sentence = _(
            "%(organizations)s would be left without an owner. Make someone else an owner first."
        )
        raise Refused("last_owner", sentence % {"organizations": _listed(owned)})


def _listed(organizations: Iterable[Organization]) -> str:
    return get_text_list([organization.name for organization in organizations], _("and"))


def _owned(user: User) -> list[Membership]:
    """Return the memberships by which the person owns living organizations."""
    owned = Membership.objects.effective_owners().filter(user=user).alive()
    return list(owned.with_nodes().select_related("user"))


def _set_active(user: User, is_active: bool, verb: str, by: User) -> User:
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    changes = {"is_active": [not is_active, is_active]}
    audit.record(
        f"account.{verb}",
        by=by,
        node=None,
        target=user,
        target_label=audit.label_of(user),
        changes=changes,
    )
    return user
