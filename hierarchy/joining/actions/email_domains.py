"""E-mail domains of an organization: proving them, and letting their people in."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.former_addresses import recognised_by
from config.batches import one_by_one
from hierarchy import audit, mail_rules, outbox
from hierarchy.email_domains import parse_domain
from hierarchy.joining import txt_records
from hierarchy.locking import lock, lock_organization, refusing_duplicates
from hierarchy.members.actions import blocks, memberships, owners, rules
from hierarchy.models import (
    AccessRequest,
    BlockedPerson,
    EmailDomain,
    Ending,
    JoinMode,
    Membership,
    Organization,
    OutgoingMail,
    WayIn,
    word_for,
)
from hierarchy.models.audit_event import Changes
from hierarchy.models.email_domain import DAYS_OF_GRACE, oldest_bearable
from hierarchy.models.held_role import role_columns
from hierarchy.refusals import Refused, refuse_stale
from hierarchy.roles import Level, Role, owns

if TYPE_CHECKING:
    from accounts.models import User
    from config.versions import Version
    from hierarchy.models import AnyRole

TOKEN_BYTES = 24
MOST_NOTICES = 20


# --- What owners do ------------------------------------------------------------------------------


@transaction.atomic
def add(organization: Organization, domain: str, *, by: User) -> EmailDomain:
    """Name a domain. It lets nobody in before it is verified, and its mode is chosen."""
    organization = lock(organization)
    owners.require_owner(by, organization)
    row = EmailDomain(organization=organization, domain=_clean(domain), role=Role.VIEWER)
    row.token = secrets.token_urlsafe(TOKEN_BYTES)
    taken = _("%(domain)s is already listed.") % {"domain": row.domain}
    with refusing_duplicates(taken, field="domain"):
        row.save()
    _record("email_domain.add", row, by)
    return row


@transaction.atomic
def edit(
    domain: EmailDomain, *, mode: str, role: AnyRole, by: User, version: Version
) -> EmailDomain:
    """Say whether the domain's people may come in, and as what. Nobody becomes an owner so.

    `version` is that of the `shown_door` that `by` has read.
    """
    domain = _lock_for_owner(domain, by)
    refuse_stale(domain.shown_door, version)
    if owns(role.permissions_on(Level.ORGANIZATION), Level.ORGANIZATION):
        raise Refused("owner", _("People can't join as owners. Choose another role."), field="role")
    rules.require_to_give(by, domain.organization, role)
    before = {"mode": domain.mode, "role": word_for(domain.given_role)}
    columns = {"mode": JoinMode(mode), **role_columns(role)}
    for name, value in columns.items():
        setattr(domain, name, value)
    changes = audit.differences(before, {"mode": domain.mode, "role": word_for(role)})
    if changes:
        domain.save(update_fields=list(columns))
        _record("email_domain.edit", domain, by, changes)
    return domain


def verify(domain: EmailDomain, *, by: User, version: Version) -> EmailDomain:
    """Look for the record that only the domain's owner can set. One organization holds a domain.

    The DNS is asked outside of the transaction: nothing stays locked while it thinks. `version` is
    that of the domain's `shown`, as for removing it.
    """
    owners.require_owner(by, domain.organization)
    refuse_stale(domain.shown, version)
    _refuse_unproved(domain)
    return _hold(domain, by, version)


@transaction.atomic
def remove(domain: EmailDomain, *, by: User, version: Version) -> None:
    """Stop letting people in through the domain. Those who came stay members."""
    domain = _lock_for_owner(domain, by)
    refuse_stale(domain.shown, version)
    _record("email_domain.remove", domain, by)
    domain.delete()


# --- What the domain's people do -----------------------------------------------------------------


@transaction.atomic
def join(domain: EmailDomain, *, by: User, version: Version) -> Membership:
    """Become a member by one's verified address, as what the domain gives.

    `version` is that of the `shown_door` that `by` has read.
    """
    domain = _lock(domain)
    organization = domain.organization
    is_open = EmailDomain.objects.open_to(by).filter(pk=domain.pk, mode=JoinMode.AUTOMATIC)
    if not is_open.exists():
        raise Refused("not_open", _("You can't join this organization by yourself."))
    blocks.refuse_blocked(by, organization)
    refuse_stale(domain.shown_door, version)
    own = Membership.objects.at(organization).filter(user=by)
    rules.refuse_member(own.first(), organization)
    _refuse_address_of_member(by, domain)
    membership, changes = memberships.establish(
        by, organization, domain.given_role, WayIn.DOMAIN, detail=domain.domain
    )
    audit.record(
        "membership.join",
        by=by,
        node=organization,
        target=membership,
        target_label=domain.domain,
        changes=changes,
    )
    return membership


def _refuse_address_of_member(user: User, domain: EmailDomain) -> None:
    """Refuse who has the address that the account of another member had before.

    It may be the same person, whose membership was suspended, limited or of less: they can ask.
    """
    members = Membership.objects.at(domain.organization).exclude(user=user)
    if members.filter(user__former_address_hashes__overlap=recognised_by(user)).exists():
        sentence = _(
            "A member used that address before, so someone has to approve you. Ask to join instead."
        )
        raise Refused("former_address", sentence)


def open_for(user: User) -> list[EmailDomain]:
    """Return the domains through which `user` can join an organization, or ask to, right now."""
    rows = EmailDomain.objects.open_to(user).select_related("organization")
    rows = rows.filter(organization__deleted_at=None, organization__suspended_at=None)
    found = {row.organization_id: row for row in rows}
    top = {"workspace": None, "application": None}
    known = Membership.objects.filter(user=user, organization__in=found, **top)
    asked = AccessRequest.objects.pending().filter(user=user, organization__in=found, **top)
    blocked = BlockedPerson.objects.about(user).filter(organization__in=found)
    for rest in (known, asked, blocked):
        for organization_id in rest.values_list("organization", flat=True):
            found.pop(organization_id, None)
    return list(found.values())


# --- What the clock does -------------------------------------------------------------------------


def recheck() -> int:
    """Ask the DNS about every verified domain; return how many have been lost.

    One whose record has been missing for a week is no longer verified. Its owners get a mail
    when that begins, and when it is over.
    """
    held = EmailDomain.objects.verified().filter(organization__deleted_at=None)
    # All at once: no cursor stays open while the DNS is asked, nor when a check fails.
    return one_by_one(list(held.select_related("organization")), _recheck)


def _recheck(domain: EmailDomain) -> bool:
    return _note(domain, is_proved=_is_proved(domain))


def _is_proved(domain: EmailDomain) -> bool:
    try:
        _refuse_unproved(domain)
    except Refused:
        return False
    return True


@transaction.atomic
def _note(domain: EmailDomain, *, is_proved: bool) -> bool:
    """Store what a check has found; return whether the domain is lost by it."""
    lock_organization(domain.organization_id)
    rows = EmailDomain.objects.verified().select_related("organization")
    fresh: EmailDomain | None = rows.filter(pk=domain.pk).first()
    if fresh is None:
        return False
    now = timezone.now()
    began = not is_proved and fresh.failing_since is None
    fresh.last_checked_at = now
    fresh.failing_since = None if is_proved else fresh.failing_since or now
    is_lost = fresh.failing_since is not None and fresh.failing_since <= oldest_bearable()
    if is_lost:
        fresh.verified_at = None
        _record("email_domain.lose", fresh, None)
    fresh.save(update_fields=["last_checked_at", "failing_since", "verified_at"])
    if began or is_lost:
        _mail_to_owners(fresh, is_lost=is_lost)
    return is_lost


def _mail_to_owners(domain: EmailDomain, *, is_lost: bool) -> None:
    organization = domain.organization
    context = {
        "domain": domain.domain,
        "organization": organization.name,
        "name": domain.challenge_name,
        "value": domain.challenge_value,
        "days": DAYS_OF_GRACE,
        "link": outbox.link_to("email-domain-edit", **organization.slugs, pk=domain.pk),
    }
    owners = Membership.objects.effective_owners().filter(organization=organization)
    for membership in owners.select_related("user").order_by("id")[:MOST_NOTICES]:
        outbox.enqueue(
            "email_domain_lost" if is_lost else "email_domain_failing",
            recipient=membership.user.email,
            context=context,
            language=membership.user.known_language,
            organization=organization,
            about=domain,
        )


def _reason_not_to_warn(domain: EmailDomain, mail: OutgoingMail) -> Ending | None:
    """Return what has ended a warning that the record can't be found, if anything."""
    if not domain.is_verified or domain.failing_since is None:
        return Ending.CHANGED
    return _reason_not_to_tell(domain, mail)


def _reason_not_to_tell_of_loss(domain: EmailDomain, mail: OutgoingMail) -> Ending | None:
    return Ending.CHANGED if domain.is_verified else _reason_not_to_tell(domain, mail)


def _reason_not_to_tell(domain: EmailDomain, mail: OutgoingMail) -> Ending | None:
    rows = Membership.objects.effective_owners().filter(organization=domain.organization)
    is_owner = rows.filter(user__email=mail.recipient).exists()
    return None if is_owner else Ending.NOT_THEIRS


mail_rules.declare("email_domain_failing", about=EmailDomain, ended=_reason_not_to_warn)
mail_rules.declare("email_domain_lost", about=EmailDomain, ended=_reason_not_to_tell_of_loss)


# --- What these share ----------------------------------------------------------------------------


def _clean(text: str) -> str:
    try:
        return parse_domain(text)
    except ValidationError as error:
        raise Refused("invalid", error.messages[0], field="domain") from error


def _lock(domain: EmailDomain) -> EmailDomain:
    """Return the domain as it is now, under the lock of its organization."""
    organization = lock(domain.organization)
    fresh: EmailDomain | None = EmailDomain.objects.filter(pk=domain.pk).first()
    if fresh is None:
        raise Refused("gone", _("That domain is no longer listed."))
    fresh.organization = organization
    return fresh


def _lock_for_owner(domain: EmailDomain, by: User) -> EmailDomain:
    domain = _lock(domain)
    owners.require_owner(by, domain.organization)
    return domain


def _refuse_unproved(domain: EmailDomain) -> None:
    """Refuse unless the DNS says what only the domain's owner can make it say."""
    words = {"name": domain.challenge_name, "domain": domain.domain}
    try:
        found = txt_records.look_up(domain.challenge_name)
    except txt_records.NotThere:
        sentence = _(
            "There is no TXT record at %(name)s yet. A new one can take an hour to appear."
        )
        raise Refused("no_record", sentence % words) from None
    except txt_records.NoReply:
        sentence = _("The name servers of %(domain)s didn't answer. Try again later.")
        raise Refused("no_reply", sentence % words) from None
    if domain.challenge_value not in found:
        sentence = _("The TXT record at %(name)s has a different value: “%(found)s”.")
        raise Refused("mismatch", sentence % (words | {"found": found[0][:100]}))


@transaction.atomic
def _hold(domain: EmailDomain, by: User, version: Version) -> EmailDomain:
    """Mark a proved domain as this organization's, unless another one holds it."""
    domain = _lock_for_owner(domain, by)
    refuse_stale(domain.shown, version)
    was_verified = domain.is_verified
    domain.verified_at = domain.verified_at or timezone.now()
    domain.last_checked_at = timezone.now()
    domain.failing_since = None
    taken = _("%(domain)s is already verified for another organization.") % {
        "domain": domain.domain
    }
    with refusing_duplicates(taken):
        domain.save(update_fields=["verified_at", "last_checked_at", "failing_since"])
    if not was_verified:
        _record("email_domain.verify", domain, by)
    return domain


def _record(
    action: str,
    domain: EmailDomain,
    by: User | None,
    changes: Changes | None = None,
) -> None:
    audit.record(
        action,
        by=by,
        node=domain.organization,
        target=domain,
        target_label=domain.domain,
        changes=changes,
    )
