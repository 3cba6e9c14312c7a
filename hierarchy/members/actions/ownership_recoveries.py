"""Recovery of an organization without an owner: by staff, with a reason, after a waiting time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from config.web import request_context
from hierarchy import access, audit, explanations, mail_rules, outbox
from hierarchy.locking import lock, refusing_duplicates
from hierarchy.members.actions import memberships, rules
from hierarchy.models import (
    Ending,
    Membership,
    Organization,
    OutgoingMail,
    OwnershipRecovery,
    RecoveryState,
    Status,
    WayIn,
    role_columns,
)
from hierarchy.models.audit_event import Changes
from hierarchy.refusals import NotAllowed, Refused, refuse_stale
from hierarchy.roles import Permission, Role

if TYPE_CHECKING:
    from config.versions import Version

TRANSFER = Permission.TRANSFER_ORGANIZATION
MOST_NOTICES = 50


@transaction.atomic
def start(organization: Organization, user: User, *, reason: str, by: User) -> OwnershipRecovery:
    """Announce that `user` becomes the owner of an organization that has none."""
    organization = lock(organization, even_suspended=True)
    _require_staff(by, organization)
    _refuse_owned(organization)
    _refuse_unfit(user, by)
    reason = rules.clean_text(reason, field="reason")
    if not reason:
        raise Refused("no_reason", _("Explain why, and how you know."), field="reason")
    made = OwnershipRecovery(organization=organization, user=user, reason=reason, started_by=by)
    with refusing_duplicates(_("A recovery of this organization is already in progress.")):
        made.save()
    with request_context.because(made.reason):
        _record("ownership_recovery.start", made, by, {})
    _notify(made, "ownership_recovery")
    return made


@transaction.atomic
def cancel(recovery: OwnershipRecovery, *, by: User, version: Version) -> OwnershipRecovery:
    """End it without any change, as an owner of the organization or as staff.

    `version` is that of the recovery's `shown`.
    """
    recovery = _lock(recovery)
    access.require(by, TRANSFER, recovery.organization)
    refuse_stale(recovery.shown, version)
    _end(recovery, RecoveryState.CANCELLED)
    _record("ownership_recovery.cancel", recovery, by, {})
    return recovery


@transaction.atomic
def complete(recovery: OwnershipRecovery, *, by: User, version: Version) -> Membership:
    """Make the person the owner, when the time to object is over and there is still no owner."""
    recovery = _lock(recovery)
    _require_staff(by, recovery.organization)
    refuse_stale(recovery.shown, version)
    if not recovery.is_due:
        raise Refused("too_early", _("The time to object isn't over yet."))
    _refuse_owned(recovery.organization)
    _refuse_unfit(recovery.user, by)
    membership, changes = _make_owner(recovery.organization, recovery.user, by)
    _end(recovery, RecoveryState.COMPLETED)
    _record("ownership_recovery.complete", recovery, by, changes)
    _notify(recovery, "ownership_recovered")
    return membership


def running(organization: Organization) -> OwnershipRecovery | None:
    """Return the organization's current recovery, if any."""
    rows = OwnershipRecovery.objects.filter(organization=organization, state=RecoveryState.RUNNING)
    return rows.select_related("user").first()


def _lock(recovery: OwnershipRecovery) -> OwnershipRecovery:
    organization = lock(recovery.organization, even_suspended=True)
    fresh = OwnershipRecovery.objects.select_related("user").filter(pk=recovery.pk).first()
    if fresh is None or not fresh.is_running:
        raise Refused("decided", _("This recovery has already ended."))
    fresh.organization = organization
    return fresh


def _require_staff(by: User, organization: Organization) -> None:
    access.forget(by)
    if not access.is_global(by, TRANSFER):
        raise NotAllowed(TRANSFER, organization)


def _refuse_owned(organization: Organization) -> None:
    if Membership.objects.effective_owners().filter(organization=organization).exists():
        raise Refused("owned", _("%(node)s already has an owner.") % {"node": organization})


def _refuse_unfit(user: User, by: User) -> None:
    if user.pk == by.pk:
        raise Refused("own", _("You can't recover an organization for yourself."), field="user")
    if not User.objects.filter(pk=user.pk, is_active=True).exists():
        raise Refused("inactive", _("That account isn't active."), field="user")
    if not user.verified_addresses().exists():
        sentence = _(
            "That account's address isn't confirmed, so the account would be deleted within a day."
        )
        raise Refused("unconfirmed", sentence, field="user")


def _make_owner(organization: Organization, user: User, by: User) -> tuple[Membership, Changes]:
    """Make `user` an owner and record that as how they joined; return what else changed."""
    rows = Membership.objects.at(organization).select_related("user", "organization")
    membership: Membership | None = rows.filter(user=user).first()
    if membership is None:
        return memberships.establish(user, organization, Role.OWNER, WayIn.RECOVERY, invited_by=by)
    before = membership.terms
    memberships.put(
        membership,
        **role_columns(Role.OWNER),
        status=Status.ACTIVE,
        starts_at=None,
        ends_at=None,
        way_in=WayIn.RECOVERY,
        way_in_detail="",
        invited_by=by,
    )
    return membership, audit.differences(before, membership.terms)


def _end(recovery: OwnershipRecovery, state: RecoveryState) -> None:
    recovery.state = state
    recovery.ended_at = timezone.now()
    recovery.save(update_fields=["state", "ended_at"])
    outbox.withhold_about([recovery])


def _record(action: str, recovery: OwnershipRecovery, by: User, changes: Changes) -> None:
    audit.record(
        action,
        by=by,
        node=recovery.organization,
        target=recovery,
        target_label=audit.label_of(recovery.user),
        changes=changes,
    )


def _notify(recovery: OwnershipRecovery, template: str) -> None:
    """Tell the organization's own address, those who manage its members, and the new owner."""
    organization = recovery.organization
    rows = explanations.granting({Permission.VIEW_ORGANIZATION_MEMBER}, organization)
    keepers = rows.select_related("user").order_by("id")[:MOST_NOTICES]
    addresses = [organization.email, recovery.user.email, *(row.user.email for row in keepers)]
    context = {
        "organization": organization.name,
        "person": str(recovery.user),
        "reason": recovery.reason,
        "due_at": recovery.due_at.isoformat(),
        "link": outbox.link_to("detail", **organization.slugs),
    }
    mails = {address: context for address in addresses if address}
    access.forget(recovery.user)
    if Permission.VIEW_ORGANIZATION not in access.held(recovery.user, organization):
        mails[recovery.user.email] = context | {"link": ""}  # for them there is no such page yet
    outbox.enqueue_all(template, mails.items(), organization=organization, about=recovery)


def _reason_not_to_announce(recovery: OwnershipRecovery, _mail: OutgoingMail) -> Ending | None:
    """Return what has ended a mail that lets people object, if anything."""
    return None if recovery.is_running else Ending.DECIDED


# Staff recover what is suspended as well, and the people in it hear of that.
mail_rules.declare(
    "ownership_recovery",
    about=OwnershipRecovery,
    ended=_reason_not_to_announce,
    even_suspended=True,
)
mail_rules.declare("ownership_recovered", about=OwnershipRecovery, even_suspended=True)
