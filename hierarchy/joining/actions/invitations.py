"""Offering a role to an e-mail address, and taking the offer up or not."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.emails import canonical_email
from config import clock
from hierarchy import access, audit, dates, mail_rules, notices, outbox
from hierarchy.access import Anybody
from hierarchy.joining.actions import invitation_limits
from hierarchy.locking import lock, refusing_duplicates
from hierarchy.members.actions import memberships, rules
from hierarchy.models import (
    AnyRole,
    Ending,
    Invitation,
    Membership,
    OutgoingMail,
    State,
    Status,
    WayIn,
    path_of,
    role_columns,
    word_for,
)
from hierarchy.models.audit_event import Changes
from hierarchy.models.invitation import LONGEST_DAYS, SHORTEST_DAYS
from hierarchy.refusals import Refused, refuse_stale
from hierarchy.roles import INVITE_MEMBER, Level

if TYPE_CHECKING:
    from accounts.models import User
    from config.versions import Version
    from hierarchy.models import Organization
    from hierarchy.models.invitation import InvitationQuerySet
    from hierarchy.models.node import AnyNode

TOKEN_BYTES = 32
REMINDER = "invitation_reminder"
MEMBER = "member"
RESTING = "resting"
DAYS_BEFORE_EXPIRY = 2


@transaction.atomic
def send(
    node: AnyNode,
    email: str,
    role: AnyRole,
    *,
    by: User,
    message: str = "",
    days: int | None = None,
    ends_at: datetime | None = None,
) -> Invitation:
    """Offer `role` on `node` to an address, by mail, for `days` (by setting unless given).

    `ends_at` is when the membership that comes of it ends by itself.
    """
    node = lock(node)
    access.require(by, INVITE_MEMBER[node.level], node)
    rules.require_to_give(by, node, role)
    email = clean_email(email)
    _refuse_foreign(node.organization, email)
    _refuse_members_and_repetitions(node, email, by)
    rules.refuse_dates(None, ends_at)
    token = new_token()
    invitation = Invitation(**path_of(node), **role_columns(role), email=email)
    invitation.message = rules.clean_message(message)
    invitation.access_ends_at = ends_at
    renew(invitation, token, by=by, days=days)
    with refusing_duplicates(
        _("%(email)s has already been invited.") % {"email": email}, field="email"
    ):
        invitation.save()
    _mail(invitation, token)
    _record("invitation.send", invitation, by, offered(invitation))
    return invitation


@transaction.atomic
def resend(invitation: Invitation, *, by: User, version: Version) -> Invitation:
    """Send a new link for an open or expired invitation; the old one is dead from now on.

    `version` is that of the invitation's `shown`, as for all that is done at the press of a button.
    """
    invitation = _lock_for_renewal(invitation, by)
    refuse_stale(invitation.shown, version)
    outbox.withhold(invitation.mail, Ending.REPLACED)
    token = new_token()
    changes = renew(invitation, token, by=by)
    with refusing_duplicates(
        _("%(email)s has already been invited.") % {"email": invitation.email}
    ):
        invitation.save()
    _mail(invitation, token)
    _record("invitation.resend", invitation, by, changes)
    return invitation


@transaction.atomic
def copy_link(invitation: Invitation, *, by: User, version: Version) -> str:
    """Return a new link for the inviter to hand over; the old one is dead from now on.

    Its holder was not necessarily reached at the address, so it doesn't prove control of it
    (unless this installation has no mail at all, and so no other proof).
    """
    invitation = _lock_for_renewal(invitation, by)
    refuse_stale(invitation.shown, version)
    outbox.withhold(invitation.mail, Ending.REPLACED)
    token = new_token()
    changes = renew(invitation, token, by=by)
    invitation.proves_address = not settings.MAIL_ENABLED
    with refusing_duplicates(
        _("%(email)s has already been invited.") % {"email": invitation.email}
    ):
        invitation.save()
    _record("invitation.copy_link", invitation, by, changes)
    return link_of(token)


@transaction.atomic
def revoke(invitation: Invitation, *, by: User, version: Version) -> Invitation:
    """Take an open invitation back: its link stops working, its e-mail is no longer sent."""
    invitation = _lock_for_change(invitation, by)
    refuse_stale(invitation.shown, version)
    _record("invitation.revoke", invitation, by, _end(invitation, State.REVOKED))
    return invitation


@transaction.atomic
def extend(
    invitation: Invitation, *, by: User, version: Version, days: int | None = None
) -> Invitation:
    """Let the link be valid for longer, counted from now; `by` answers for the offer from now on.

    Never for less time than it has by now: someone else may have extended it.
    """
    invitation = _lock_for_renewal(invitation, by)
    _refuse_unless_undecided(invitation)
    refuse_stale(invitation.shown, version)
    before = invitation.expires_at
    after = _end_of_term(invitation, days)
    if after < before:
        sentence = _("It's already valid until %(when)s. Choose more days.")
        raise Refused("shorter", sentence % {"when": dates.in_words(before)}, field="days")
    changes = _begin_term(invitation, after, by)
    invitation.save(update_fields=["invited_by", "expires_at", "reminded_at"])
    _record("invitation.extend", invitation, by, changes)
    return invitation


@transaction.atomic
def change_role(invitation: Invitation, role: AnyRole, *, by: User, version: Version) -> Invitation:
    """Offer another role by the same link; `by` answers for the offer from now on.

    `version` is that of the `shown_role` that `by` has read.
    """
    invitation = _lock_for_change(invitation, by)
    _refuse_unless_undecided(invitation)
    refuse_stale(invitation.shown_role, version)
    rules.require_to_give(by, invitation.node, role)
    before = invitation.given_role
    if before == role:
        return invitation
    for name, value in role_columns(role).items():
        setattr(invitation, name, value)
    invitation.invited_by = by
    invitation.save(update_fields=["role", "custom_role", "invited_by"])
    changes = {"role": [word_for(before), word_for(role)]}
    _record("invitation.change_role", invitation, by, changes)
    return invitation


@transaction.atomic
def remind(invitation: Invitation) -> None:
    """Send the invited person a new link, for the rest of the term, and tell who has invited them.

    For the system itself: nothing changes but the link. What the inviter may no longer offer
    is left to expire.
    """
    invitation = _lock(invitation)
    _refuse_unless_open(invitation)
    _refuse_unless_still_offered(invitation)
    if invitation.reminded_at is not None:
        raise Refused("reminded", _("A reminder has already been sent."))
    token = new_token()
    invitation.token_hash = hash_of(token)
    invitation.reminded_at = timezone.now()
    invitation.proves_address = True
    outbox.withhold(invitation.mail, Ending.REPLACED)
    inviter = invitation.invited_by
    words = words_of(invitation, token)
    language = inviter.known_language if inviter else settings.LANGUAGE_CODE
    board = outbox.link_to(_page_for(inviter, invitation.node), **invitation.node.slugs)
    told = words | {"link": board, "email": invitation.email}

    def enqueue(recipient: str, context: dict[str, object]) -> OutgoingMail:
        organization = invitation.organization
        return outbox.enqueue(
            REMINDER,
            recipient=recipient,
            context=context,
            language=language,
            organization=organization,
            about=invitation,
        )

    if not _standing(invitation):  # who is a member has read all there is to know
        invitation.mail = enqueue(invitation.email, words | {"is_own": True})
    invitation.save(update_fields=["token_hash", "proves_address", "reminded_at", "mail"])
    if inviter is not None and inviter.is_active:
        enqueue(inviter.email, told | {"is_own": False})


def _page_for(inviter: User | None, node: AnyNode) -> str:
    """Return the page on which an inviter finds their invitations, if they may open it."""
    can_open = inviter is not None and rules.sees_members(inviter, node)
    return "invitation-index" if can_open else "detail"


@transaction.atomic
def accept(invitation: Invitation, *, by: User, version: Version) -> Membership:
    """Make `by` a member, once, if the invitation still holds at this moment.

    `version` is that of the `shown_offer` that `by` has read.
    """
    invitation = _lock_for_addressee(invitation)
    _refuse_unless_addressed_to(by, invitation)
    _refuse_unless_open(invitation)
    if invitation.invited_by == by:
        raise Refused("own", _("You can't accept an invitation that you sent yourself."))
    node = invitation.node
    refuse_stale(invitation.shown_offer, version)
    _refuse_unless_still_offered(invitation)
    rules.refuse_member(Membership.objects.at(node).filter(user=by).first(), node)
    sentence = _(
        "Your membership at a higher level is suspended. Ask someone who manages members there."
    )
    rules.refuse_suspended_above([by.pk], node, sentence)
    invitation.accepted_by = by
    changes = _end(invitation, State.ACCEPTED)
    membership, came = memberships.establish(
        by,
        node,
        invitation.given_role,
        WayIn.INVITATION,
        invited_by=invitation.invited_by,
        ends_at=invitation.access_ends_at,
    )
    _record("invitation.accept", invitation, by, changes | came)
    notices.tell_owners_of_role(membership, None, by=by)
    return membership


@transaction.atomic
def decline(invitation: Invitation, *, by: User, version: Version) -> Invitation:
    """Say no to an invitation: it is over, and can be sent again."""
    invitation = _lock_for_addressee(invitation)
    _refuse_unless_addressed_to(by, invitation)
    _refuse_unless_open(invitation)
    refuse_stale(invitation.shown_offer, version)
    _record("invitation.decline", invitation, by, _end(invitation, State.DECLINED))
    return invitation


def find(token: str) -> Invitation | None:
    """Return the invitation that `token` opens, whatever its state, or None."""
    return find_by_hash(hash_of(token))


def find_by_hash(token_hash: str) -> Invitation | None:
    """Return the invitation whose present token has that hash, whatever its state, or None."""
    rows = Invitation.objects.filter(token_hash=token_hash).with_nodes()
    return rows.select_related("invited_by").first()


def hash_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def link_of(token: str) -> str:
    """Return the address that opens the invitation: the only place where a token stands."""
    return outbox.link_to("invitation-open", token=token)


def is_addressed_to(user: Anybody, invitation: Invitation) -> bool:
    """Return whether `user` has verified the address that is invited."""
    if not user.is_authenticated:
        return False
    return bool(user.verified_addresses().filter(email=invitation.email).exists())


def open_for(user: User) -> InvitationQuerySet:
    """Return the invitations that `user` could accept now: not to where they are a member."""
    rows = addressed_to(user).alive().exclude(_is_taken_by(user))
    return rows.with_nodes().select_related("invited_by")


def addressed_to(user: User) -> InvitationQuerySet:
    """Return the pending invitations to an address of `user`, to wherever that is."""
    emails = user.verified_addresses().values("email")
    return Invitation.objects.pending().filter(email__in=emails)


def _is_taken_by(user: User) -> Q:
    """Return what is true of rows on nodes where `user` is a member, or silenced from above."""
    own = Membership.objects.filter(user=user).order_by()
    taken = Q(pk__in=[])
    for level in Level:
        lower = {f"{below}": None for below in Level if below.depth > level.depth}
        at_level = own.filter(**{level.value: OuterRef(level.value)}, **lower)
        taken |= Q(Exists(at_level), **lower)
        taken |= Q(Exists(at_level.filter(status=Status.SUSPENDED)))
    return taken


def clean_email(email: str) -> str:
    try:
        return canonical_email(email)
    except ValidationError as error:
        raise Refused("invalid", error.messages[0], field="email") from error


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def renew(invitation: Invitation, token: str, *, by: User, days: int | None = None) -> Changes:
    """Give the invitation a new token and a new term, and return what has changed of that.

    One that is open is valid for no less time than before. `by` answers for it from now on.
    """
    invitation.token_hash = hash_of(token)
    invitation.proves_address = True
    end = _end_of_term(invitation, days)
    if invitation.expires_at and invitation.is_pending:
        end = max(end, invitation.expires_at)
    invitation.state = State.PENDING
    invitation.decided_at = None
    invitation.created_at = min(invitation.created_at, timezone.now())
    return _begin_term(invitation, end, by)


def offered(invitation: Invitation) -> Changes:
    """Return what an invitation offers, as the event of sending it keeps it."""
    role = {"role": [None, word_for(invitation.given_role)]}
    return role | audit.differences({}, {"access_ends_at": invitation.access_ends_at})


def _begin_term(invitation: Invitation, end: datetime, by: User) -> Changes:
    """Let the invitation be good until `end`; a short term needs no reminder but its beginning."""
    before = invitation.expires_at
    now = timezone.now()
    is_short = end <= now + timedelta(days=DAYS_BEFORE_EXPIRY + 1)
    invitation.invited_by = by
    invitation.expires_at = end
    invitation.reminded_at = now if is_short else None
    return audit.differences({"expires_at": before}, {"expires_at": end})


def _end_of_term(invitation: Invitation, days: int | None) -> datetime:
    """Return until when it is good if its term begins now: never beyond the access it offers."""
    end = timezone.now() + _term(days)
    last = invitation.access_ends_at
    if last is not None and last <= timezone.now():
        sentence = _("The access it offers ended on %(when)s. Invite them again.")
        raise Refused("over", sentence % {"when": dates.in_words(last)})
    return end if last is None else min(end, last)


def _term(days: int | None) -> timedelta:
    term = settings.INVITATION_DAYS if days is None else days
    if not SHORTEST_DAYS <= term <= LONGEST_DAYS:
        raise Refused("invalid", _("An invitation can be valid for 1 to 30 days."), field="days")
    return timedelta(days=term)


def _mail(invitation: Invitation, token: str) -> OutgoingMail:
    """Queue the mail that carries the link."""
    invitation_limits.refuse_over(invitation.organization, 1)
    invitation.mail = outbox.enqueue(
        invitation_limits.MAIL,
        recipient=invitation.email,
        context=words_of(invitation, token, _standing(invitation)),
        language=get_language() or settings.LANGUAGE_CODE,
        organization=invitation.organization,
        about=invitation,
    )
    invitation.save(update_fields=["mail"])
    return invitation.mail


def _reason_not_to_mail(invitation: Invitation, mail: OutgoingMail) -> Ending | None:
    """Return what has ended a mail with the link, or one to who has invited them, if anything."""
    if not invitation.is_pending:
        return Ending.DECIDED
    if mail.recipient == invitation.email and invitation.mail_id != mail.pk:
        return Ending.REPLACED
    return None if _is_still_offered(invitation) else Ending.NOT_OFFERED


mail_rules.declare(invitation_limits.MAIL, REMINDER, about=Invitation, ended=_reason_not_to_mail)


def words_of(invitation: Invitation, token: str, standing: str = "") -> dict[str, object]:
    """Return what the mail with the link says; to whom `standing` says something, without one."""
    inviter = invitation.invited_by
    ends_at = invitation.access_ends_at
    return {
        "inviter": str(inviter),
        "inviter_email": inviter.email if inviter else "",
        "node": invitation.node.name,
        "organization": invitation.organization.name,
        "role": word_for(invitation.given_role),
        "role_description": str(getattr(invitation.custom_role, "description", "")),
        "message": invitation.message,
        "standing": standing,
        "link": "" if standing else link_of(token),
        "expires_at": invitation.expires_at.isoformat(),
        "ends_at": ends_at.isoformat() if ends_at else "",
    }


def _standing(invitation: Invitation) -> str:
    return Standings(invitation.node, [invitation.email]).told(invitation.email)


def is_of_allowed_domain(organization: Organization, email: str) -> bool:
    """Return whether the organization invites people of that domain; of any, unless it says so."""
    allowed = organization.allowed_domains
    return not allowed or email.rpartition("@")[2] in allowed


def _refuse_foreign(organization: Organization, email: str) -> None:
    if not is_of_allowed_domain(organization, email):
        domains = ", ".join(organization.allowed_domains)
        sentence = _("%(organization)s only invites addresses at these domains: %(domains)s.")
        words = {"organization": organization, "domains": domains}
        raise Refused("foreign_domain", sentence % words, field="email")


def _refuse_members_and_repetitions(node: AnyNode, email: str, by: User) -> None:
    found = Standings(node, [email])
    if found.people.get(email) == by.pk:
        raise Refused("own", _("You can't invite yourself."), field="email")
    if rules.sees_members(by, node):
        rules.refuse_member(found.members.get(email), node, person=email, field="email")
    if any(rules.sees_members(by, part) for part in found.silencing.get(email, ())):
        sentence = _("%(person)s is suspended at a higher level. Reactivate them there first.")
        raise Refused("suspended_member", sentence % {"person": email}, field="email")
    earlier = Invitation.objects.at(node).filter(email=email, state=State.PENDING).first()
    if earlier is None:
        return
    if earlier.is_pending:
        sentence = _("%(email)s has already been invited. Send that invitation again instead.")
        raise Refused("already_invited", sentence % {"email": email}, field="email")
    earlier.state = State.EXPIRED
    earlier.decided_at = earlier.expires_at
    earlier.save(update_fields=["state", "decided_at"])


class Standings:
    """Standing that the holders of some addresses already have where they are invited.

    A person who may not list the members there learns nothing of it: their invitation is made as a
    stranger's would be, and the person reads in its mail how things stand.
    """

    def __init__(self, node: AnyNode, emails: Collection[str]) -> None:
        holders = EmailAddress.objects.filter(email__in=emails, verified=True)
        self.people = dict(holders.values_list("email", "user"))
        # As many queries for everyone: how long it takes tells nothing either.
        rows = Membership.objects.on_path(node).filter(user__in=holders.values("user"))
        by_user: dict[int, list[Membership]] = {}
        for row in rows.select_related("user"):
            by_user.setdefault(row.user_id, []).append(row)
        self.members: dict[str, Membership] = {}
        self.silencing: dict[str, list[AnyNode]] = {}
        for email, user in self.people.items():
            for row in by_user.get(user, ()):
                part = node.path[row.level.depth]
                if part == node:
                    self.members[email] = row
                if not row.is_active:
                    self.silencing.setdefault(email, []).append(part)

    def told(self, email: str) -> str:
        """Return what the mail says of it: "", MEMBER, or RESTING for access that is at rest."""
        member = self.members.get(email)
        if email in self.silencing or (member is not None and not member.is_in_force):
            return RESTING
        return "" if member is None else MEMBER


def _lock(invitation: Invitation) -> Invitation:
    """Return the invitation as it is now, under the lock of its organization."""
    node = lock(invitation.node)
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("mail", "invited_by")
    fresh = rows.filter(pk=invitation.pk).first()
    if fresh is None:
        raise Refused("gone", _("This invitation no longer exists."))
    fresh.hang_on(node)
    return fresh


def _lock_for_addressee(invitation: Invitation) -> Invitation:
    """Lock an invitation for the holder of its link, which must still be the current one."""
    fresh = _lock(invitation)
    if fresh.token_hash != invitation.token_hash:
        raise Refused("gone", _("This link is no longer valid."))
    return fresh


def _lock_for_change(invitation: Invitation, by: User) -> Invitation:
    """Lock an invitation that is not decided, for a person who could have sent it."""
    invitation = _lock(invitation)
    node = invitation.node
    access.require(by, INVITE_MEMBER[node.level], node)
    rules.require_to_hold(by, node, invitation.permissions)
    if invitation.state not in (State.PENDING, State.EXPIRED):
        _refuse_decided(invitation)
    return invitation


def _lock_for_renewal(invitation: Invitation, by: User) -> Invitation:
    """Lock an invitation to make the same offer again, if it can still be made.

    Its role may have been deleted since, or its domain not be among those that are invited now.
    """
    invitation = _lock_for_change(invitation, by)
    rules.require_to_give(by, invitation.node, invitation.given_role)
    _refuse_foreign(invitation.organization, invitation.email)
    return invitation


def _refuse_unless_undecided(invitation: Invitation) -> None:
    """Refuse what the old link can no longer be used for: it has to be sent again instead."""
    if invitation.state != State.PENDING or clock.is_ahead(invitation.created_at):
        raise Refused("expired", _("This invitation has expired. Send it again instead."))


def _refuse_decided(invitation: Invitation) -> None:
    sentence = _("This invitation has already been %(state)s.")
    state = invitation.get_state_display().lower()
    raise Refused("decided", sentence % {"state": state})


def _refuse_unless_open(invitation: Invitation) -> None:
    if invitation.has_expired:
        raise Refused("expired", _("This invitation has expired. Ask for a new one."))
    if invitation.state != State.PENDING:
        _refuse_decided(invitation)


def _refuse_unless_addressed_to(by: User, invitation: Invitation) -> None:
    if not by.is_active or not is_addressed_to(by, invitation):
        sentence = _("This invitation is for %(email)s. Sign in with that address.")
        raise Refused("other_address", sentence % {"email": invitation.email})


def _refuse_unless_still_offered(invitation: Invitation) -> None:
    if not _is_still_offered(invitation):
        sentence = _(
            "The person who invited you can no longer offer this. Ask for a new invitation."
        )
        raise Refused("no_longer_offered", sentence)


def _is_still_offered(invitation: Invitation) -> bool:
    """Return whether the inviter could make the same offer now."""
    inviter = invitation.invited_by
    node = invitation.node
    if inviter is None or not inviter.is_active:
        return False
    access.forget(inviter)
    holds = access.held_anyhow(inviter, node)
    return invitation.permissions | {INVITE_MEMBER[node.level]} <= holds


def _end(invitation: Invitation, state: State) -> Changes:
    """Decide the invitation, keep its mail from leaving, and return what has changed."""
    before = invitation.state
    invitation.state = state
    invitation.decided_at = timezone.now()
    invitation.save(update_fields=["state", "decided_at", "accepted_by"])
    outbox.withhold(invitation.mail)
    return {"state": [before, state.value]}


def _record(
    action: str,
    invitation: Invitation,
    by: User,
    changes: Changes | None = None,
) -> None:
    audit.record(
        action,
        by=by,
        node=invitation.node,
        target=invitation,
        target_label=invitation.email,
        changes=changes,
    )
