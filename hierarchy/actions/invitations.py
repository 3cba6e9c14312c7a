"""Offering a role to an e-mail address, and taking the offer up or not."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.emails import canonical_email
from hierarchy import access, audit, outbox
from hierarchy.actions import memberships
from hierarchy.actions.locking import lock, refusing_duplicates
from hierarchy.actions.memberships import require_to_give, require_to_hold
from hierarchy.models import (
    AnyRole,
    Invitation,
    Membership,
    State,
    Status,
    path_of,
    role_columns,
    word_for,
)
from hierarchy.models.invitation import LONGEST_DAYS, LONGEST_MESSAGE, SHORTEST_DAYS
from hierarchy.refusals import Refused
from hierarchy.roles import INVITE_MEMBER

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models import OutgoingMail
    from hierarchy.models.node import AnyNode

TOKEN_BYTES = 32


@transaction.atomic
def send(
    node: AnyNode,
    email: str,
    role: AnyRole,
    *,
    by: User,
    message: str = "",
    days: int | None = None,
) -> Invitation:
    """Offer `role` on `node` to an address, by mail, for `days` (by setting unless given)."""
    node = lock(node)
    access.require(by, INVITE_MEMBER[node.level], node)
    require_to_give(by, node, role)
    email = _clean_email(email)
    _refuse_members_and_repetitions(node, email)
    token, invitation = _new_token(), Invitation(**path_of(node), **role_columns(role), email=email)
    invitation.message = _clean_message(message)
    _renew(invitation, token, by=by, days=days)
    with refusing_duplicates(_("%(email)s is invited already.") % {"email": email}, field="email"):
        invitation.save()
    _mail(invitation, token)
    _record("invitation.send", invitation, by, {"role": [None, word_for(role)]})
    return invitation


@transaction.atomic
def resend(invitation: Invitation, *, by: User) -> Invitation:
    """Send a new link for an open or expired invitation; the old one is dead from now on."""
    invitation = _lock_for_renewal(invitation, by)
    outbox.withhold(invitation.mail)
    token = _new_token()
    _renew(invitation, token, by=by)
    with refusing_duplicates(_("%(email)s is invited already.") % {"email": invitation.email}):
        invitation.save()
    _mail(invitation, token)
    _record("invitation.resend", invitation, by)
    return invitation


@transaction.atomic
def copy_link(invitation: Invitation, *, by: User) -> str:
    """Return a new link for the inviter to hand over; the old one is dead from now on.

    Whoever holds it was not necessarily reached at the address, so it doesn't prove control of it
    (unless this installation has no mail at all, and so no other proof).
    """
    invitation = _lock_for_renewal(invitation, by)
    outbox.withhold(invitation.mail)
    token = _new_token()
    _renew(invitation, token, by=by)
    invitation.proves_address = not settings.MAIL_ENABLED
    with refusing_duplicates(_("%(email)s is invited already.") % {"email": invitation.email}):
        invitation.save()
    _record("invitation.copy_link", invitation, by)
    return link_of(token)


@transaction.atomic
def revoke(invitation: Invitation, *, by: User) -> Invitation:
    """Take an open invitation back: its link is dead, its mail is not sent any more."""
    invitation = _lock_for_change(invitation, by)
    outbox.withhold(invitation.mail)
    return _decide(invitation, State.REVOKED, "revoke", by)


@transaction.atomic
def accept(invitation: Invitation, *, by: User) -> Membership:
    """Make `by` a member, once, if the invitation still holds at this moment."""
    invitation = _lock_for_addressee(invitation)
    _refuse_unless_addressed_to(by, invitation)
    _refuse_unless_open(invitation)
    node = invitation.node
    _refuse_unless_still_offered(invitation)
    if Membership.objects.at(node).filter(user=by).exists():
        raise Refused("already_member", _("You are a member of %(node)s already.") % {"node": node})
    suspended = Membership.objects.on_path(node).filter(user=by, status=Status.SUSPENDED)
    if suspended.exists():
        raise Refused("suspended_member", _("Your membership above it is suspended."))
    membership = memberships.establish(
        by, node, invitation.given_role, invited_by=invitation.invited_by
    )
    invitation.accepted_by = by
    _decide(invitation, State.ACCEPTED, "accept", by)
    outbox.withhold(invitation.mail)
    return membership


@transaction.atomic
def decline(invitation: Invitation, *, by: User) -> Invitation:
    """Say no to an invitation: it is over, and can be sent anew."""
    invitation = _lock_for_addressee(invitation)
    _refuse_unless_addressed_to(by, invitation)
    _refuse_unless_open(invitation)
    outbox.withhold(invitation.mail)
    return _decide(invitation, State.DECLINED, "decline", by)


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
    return str(settings.BASE_URL) + reverse("console:invitation-open", kwargs={"token": token})


def is_addressed_to(user: Any, invitation: Invitation) -> bool:
    """Return whether `user` has verified the address that is invited."""
    if not user.is_authenticated:
        return False
    addresses = EmailAddress.objects.filter(user=user, verified=True)
    return bool(addresses.filter(email=invitation.email).exists())


def open_for(user: User) -> list[Invitation]:
    """Return the invitations that `user` could accept now."""
    emails = EmailAddress.objects.filter(user=user, verified=True).values("email")
    rows = Invitation.objects.pending().filter(email__in=emails)
    found = rows.with_nodes().select_related("invited_by")
    return [invitation for invitation in found if not invitation.node.is_deleted]


def _clean_email(email: str) -> str:
    try:
        return canonical_email(email)
    except ValidationError as error:
        raise Refused("invalid", error.messages[0], field="email") from error


def _clean_message(message: str) -> str:
    text = message.strip()
    if len(text) > LONGEST_MESSAGE:
        raise Refused("invalid", _("Write at most 500 characters."), field="message")
    return text


def _new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def _renew(invitation: Invitation, token: str, *, by: User, days: int | None = None) -> None:
    """Give the invitation a new token and a new term; `by` answers for it from now on."""
    term = settings.INVITATION_DAYS if days is None else days
    if not SHORTEST_DAYS <= term <= LONGEST_DAYS:
        raise Refused("invalid", _("An invitation is good for 1 to 30 days."), field="days")
    invitation.token_hash = hash_of(token)
    invitation.proves_address = True
    invitation.invited_by = by
    invitation.state = State.PENDING
    invitation.decided_at = None
    invitation.expires_at = timezone.now() + timedelta(days=term)


def _mail(invitation: Invitation, token: str) -> OutgoingMail:
    """Queue the mail that carries the link."""
    inviter = invitation.invited_by
    context = {
        "inviter": str(inviter),
        "inviter_email": inviter.email if inviter else "",
        "node": invitation.node.name,
        "organization": invitation.organization.name,
        "level": invitation.level.value,
        "role": word_for(invitation.given_role),
        "role_description": str(getattr(invitation.custom_role, "description", "")),
        "message": invitation.message,
        "link": link_of(token),
        "expires_at": invitation.expires_at.isoformat(),
    }
    invitation.mail = outbox.enqueue(
        "invitation",
        recipient=invitation.email,
        context=context,
        language=get_language() or settings.LANGUAGE_CODE,
        organization=invitation.organization,
    )
    invitation.save(update_fields=["mail"])
    return invitation.mail


def _refuse_members_and_repetitions(node: AnyNode, email: str) -> None:
    holders = EmailAddress.objects.filter(email=email, verified=True).values("user")
    if Membership.objects.at(node).filter(user__in=holders).exists():
        sentence = _("%(email)s is a member of %(node)s already.")
        raise Refused("already_member", sentence % {"email": email, "node": node}, field="email")
    earlier = Invitation.objects.at(node).filter(email=email, state=State.PENDING).first()
    if earlier is None:
        return
    if earlier.is_pending:
        sentence = _("%(email)s is invited already. Send that invitation again instead.")
        raise Refused("already_invited", sentence % {"email": email}, field="email")
    earlier.state, earlier.decided_at = State.EXPIRED, earlier.expires_at
    earlier.save(update_fields=["state", "decided_at"])


def _lock(invitation: Invitation) -> Invitation:
    """Return the invitation as it is now, under the lock of its organization."""
    node = lock(invitation.node)
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("mail", "invited_by")
    fresh = rows.filter(pk=invitation.pk).first()
    if fresh is None:
        raise Refused("gone", _("This invitation does not exist any more."))
    for name, part in path_of(node).items():
        setattr(fresh, name, part)
    return fresh  # type: ignore[no-any-return]


def _lock_for_addressee(invitation: Invitation) -> Invitation:
    """Lock an invitation for whoever came by its link, which must still be the present one."""
    fresh = _lock(invitation)
    if fresh.token_hash != invitation.token_hash:
        raise Refused("gone", _("This link is not valid any more."))
    return fresh


def _lock_for_change(invitation: Invitation, by: User) -> Invitation:
    """Lock an invitation that is not decided, for somebody who could have sent it."""
    invitation = _lock(invitation)
    node = invitation.node
    access.require(by, INVITE_MEMBER[node.level], node)
    require_to_hold(by, node, invitation.grants)
    if invitation.state not in (State.PENDING, State.EXPIRED):
        _refuse_decided(invitation)
    return invitation


def _lock_for_renewal(invitation: Invitation, by: User) -> Invitation:
    """Lock an invitation to make the same offer anew: its role may have been deleted since."""
    invitation = _lock_for_change(invitation, by)
    require_to_give(by, invitation.node, invitation.given_role)
    return invitation


def _refuse_decided(invitation: Invitation) -> None:
    sentence = _("This invitation has been %(state)s already.")
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
    """Refuse when the inviter could not make the same offer now."""
    inviter, node = invitation.invited_by, invitation.node
    if inviter is not None and inviter.is_active:
        access.forget(inviter)
        holds = access.held_anyhow(inviter, node)
        if invitation.grants | {INVITE_MEMBER[node.level]} <= holds:
            return
    sentence = _("Whoever invited you may not offer this any more. Ask for a new invitation.")
    raise Refused("no_longer_offered", sentence)


def _decide(invitation: Invitation, state: State, verb: str, by: User) -> Invitation:
    before, invitation.state = invitation.state, state
    invitation.decided_at = timezone.now()
    invitation.save(update_fields=["state", "decided_at", "accepted_by"])
    _record(f"invitation.{verb}", invitation, by, {"state": [before, state.value]})
    return invitation


def _record(
    action: str,
    invitation: Invitation,
    by: User,
    changes: dict[str, list[Any]] | None = None,
) -> None:
    audit.record(
        action,
        by=by,
        node=invitation.node,
        target=invitation,
        target_label=invitation.email,
        changes=changes,
    )
