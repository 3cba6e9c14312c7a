"""Asking for access, and answering: approving with a role, or declining."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.versions import AS_IT_IS, Shown
from hierarchy import access, asking, audit, explanations, mail_rules, notices, outbox
from hierarchy.locking import lock, refusing_duplicates
from hierarchy.members.actions import blocks, memberships, rules
from hierarchy.models import (
    AccessRequest,
    EmailDomain,
    Ending,
    Membership,
    Organization,
    OutgoingMail,
    RequestState,
    WayIn,
    word_for,
)
from hierarchy.models.audit_event import Changes
from hierarchy.models.path import path_of
from hierarchy.refusals import Refused, refuse_stale
from hierarchy.roles import CHANGE_MEMBER, INVITE_MEMBER, Permission

if TYPE_CHECKING:
    from accounts.models import User
    from config.versions import Version
    from hierarchy.models import AnyRole
    from hierarchy.models.node import AnyNode


# What a member has there, as their membership shows it.
TERMS = ("status", "starts_at", "ends_at", "role")


@transaction.atomic
def ask(
    node: AnyNode, *, by: User, permission: Permission | None = None, message: str = ""
) -> AccessRequest:
    """Ask for `permission` on a node that one sees, or to become a member of an organization.

    The people who can give it get a mail. Who asks for a permission that only a role above can
    hold asks there: `asking.place_to_ask` says where.
    """
    node = lock(node)
    access.forget(by)
    _refuse_uninvited(node, by, permission)
    _refuse_members(node, by, permission)
    _refuse_repetition(node, by)
    request = AccessRequest(**path_of(node), user=by, permission=permission or "")
    request.message = rules.clean_message(message)
    with refusing_duplicates(_asked_already(node)):
        request.save()
    changes = {"permission": [None, permission.value]} if permission else {}
    _record("access_request.ask", request, by, changes)
    _mail_to_deciders(request)
    return request


@transaction.atomic
def approve(request: AccessRequest, role: AnyRole, *, by: User, version: Version) -> Membership:
    """Give what is asked for: a membership with `role`, or that role in the one that there is.

    `version` is that of what is `shown_to_approve` of the request.
    """
    request = _lock_for_decision(request, by)
    membership = membership_of(request)
    refuse_stale(shown_to_approve(request, membership), version)
    _refuse_insufficient(request, role)
    _decide(request, RequestState.APPROVED, by)
    if membership is None:
        membership = _welcome(request, role, by)
    else:
        membership = _change(membership, role, by)
    _mail_to_asker(request, word_for(role))
    return membership


@transaction.atomic
def decline(request: AccessRequest, *, by: User, version: Version) -> AccessRequest:
    """Say no. The person may ask again."""
    request = _lock_for_decision(request, by)
    refuse_stale(request.shown, version)
    _decide(request, RequestState.DECLINED, by)
    _record("access_request.decline", request, by)
    _mail_to_asker(request)
    return request


@transaction.atomic
def withdraw(request: AccessRequest, *, by: User, version: Version) -> AccessRequest:
    """Take back what one has asked for; `version` is that of what it says."""
    request = _lock(request)
    if request.user_id != by.pk:
        raise Refused("not_yours", _("Only the person who made the request can withdraw it."))
    refuse_stale(request.shown, version)
    _decide(request, RequestState.WITHDRAWN, by)
    _record("access_request.withdraw", request, by)
    return request


def is_open_to(user: User, organization: Organization) -> bool:
    """Return whether `user`, who may see nothing of it, may ask to join the organization."""
    if organization.may_ask_to_join:
        return True
    domains = EmailDomain.objects.open_to(user).filter(organization=organization)
    return bool(domains.exists())


def permission_to_decide(request: AccessRequest) -> Permission:
    """Return the permission to answer: to change a member, or to invite a new one."""
    is_member = membership_of(request) is not None
    return (CHANGE_MEMBER if is_member else INVITE_MEMBER)[request.level]


def shown_to_approve(request: AccessRequest, membership: Membership | None) -> Shown:
    """Return what the approver is shown: what the person is there, if they are a member."""
    terms: dict[str, Any] = membership.shown.values if membership else dict.fromkeys(TERMS)
    return Shown(request, kin=Membership, member=membership is not None, **terms)


def roles_to_approve_with(request: AccessRequest, by: User) -> list[AnyRole]:
    """Return the roles that `by` may hand out and that grant what is asked for."""
    roles = access.roles_to_give(by, request.node)
    wanted = request.asked_permission
    return [role for role in roles if wanted is None or wanted in _granted(role, request)]


def _granted(role: AnyRole, request: AccessRequest) -> frozenset[Permission]:
    return role.permissions_on(request.level)


def _refuse_uninvited(node: AnyNode, by: User, permission: Permission | None) -> None:
    """Refuse whom nothing lets ask here: who doesn't see the node, and finds no open door."""
    if permission is None:
        may_ask = isinstance(node, Organization) and is_open_to(by, node)
    else:
        may_ask = asking.place_to_ask(by, permission, node) == node
    if not may_ask:
        raise Refused("not_open", _("You can't ask for that here."))
    blocks.refuse_blocked(by, node.organization)


def _refuse_members(node: AnyNode, by: User, permission: Permission | None) -> None:
    rules.refuse_suspended_above(
        [by.pk], node, _("Your membership is suspended. Ask someone who manages its members.")
    )
    if permission is None:
        own = Membership.objects.at(node).filter(user=by).first()
        if own is not None and not own.has_ended:
            rules.refuse_member(own, node)
    elif permission in access.held(by, node):
        sentence = _("You can already %(permission)s.") % {"permission": permission.label}
        raise Refused("held_already", sentence)


def _refuse_repetition(node: AnyNode, by: User) -> None:
    earlier = AccessRequest.objects.at(node).filter(user=by, state=RequestState.PENDING).first()
    if earlier is None:
        return
    if earlier.is_pending:
        raise Refused("asked_already", _asked_already(node))
    earlier.state = RequestState.EXPIRED
    earlier.decided_at = timezone.now()
    earlier.save(update_fields=["state", "decided_at"])


def _asked_already(node: AnyNode) -> str:
    return _("You've already asked, and %(node)s hasn't answered yet.") % {"node": node}


def _lock(request: AccessRequest) -> AccessRequest:
    """Return the request as it is now, under the lock of its organization, if it is pending."""
    node = lock(request.node)
    rows = AccessRequest.objects.select_for_update(of=("self",)).select_related("user")
    fresh: AccessRequest | None = rows.filter(pk=request.pk).first()
    if fresh is None:
        raise Refused("gone", _("This request no longer exists."))
    fresh.hang_on(node)
    if fresh.has_expired:
        raise Refused("expired", _("This request has expired. It can be sent again."))
    if fresh.state != RequestState.PENDING:
        state = fresh.get_state_display().lower()
        sentence = _("This request has already been %(state)s.") % {"state": state}
        raise Refused("decided", sentence)
    return fresh


def _lock_for_decision(request: AccessRequest, by: User) -> AccessRequest:
    request = _lock(request)
    access.require(by, permission_to_decide(request), request.node)
    if request.user_id == by.pk:
        raise Refused("own", _("You can't answer your own request."))
    return request


def membership_of(request: AccessRequest) -> Membership | None:
    """Return the membership that the person has on the node itself."""
    return Membership.objects.at(request.node).filter(user=request.user_id).first()


def _refuse_insufficient(request: AccessRequest, role: AnyRole) -> None:
    wanted = request.asked_permission
    if wanted is not None and wanted not in _granted(role, request):
        words = {"role": role.label, "permission": wanted.label}
        sentence = _("The role %(role)s doesn't let them %(permission)s.")
        raise Refused("insufficient", sentence % words, field="role")


def _welcome(request: AccessRequest, role: AnyRole, by: User) -> Membership:
    """Make a member of a person who isn't one on this node."""
    node = request.node
    rules.require_to_give(by, node, role)
    sentence = _("Their membership at a higher level is suspended. Reactivate them there first.")
    rules.refuse_suspended_above([request.user_id], node, sentence)
    way_in = WayIn.REQUEST
    membership, changes = memberships.establish(request.user, node, role, way_in, invited_by=by)
    _record("access_request.approve", request, by, changes)
    notices.tell_owners_of_role(membership, None, by=by)
    return membership


def _change(membership: Membership, role: AnyRole, by: User) -> Membership:
    """Give a member the role, by the rules of changing it; renewed when their access has ended."""
    if membership.has_ended and membership.is_active and membership.user.is_active:
        return memberships.renew(membership, role, by=by, action="access_request.approve")
    if not membership.is_in_force:
        sentence = _("Their membership is suspended or outside its dates. Change that first.")
        raise Refused("not_in_force", sentence)
    if membership.given_role == role:
        sentence = _("They already have the role %(role)s.") % {"role": role.label}
        raise Refused("same_role", sentence, field="role")
    return memberships.change_role(
        membership, role, by=by, version=AS_IT_IS, action="access_request.approve"
    )


def _decide(request: AccessRequest, state: RequestState, by: User) -> None:
    request.state = state
    request.decided_at = timezone.now()
    request.decided_by = by
    request.save(update_fields=["state", "decided_at", "decided_by"])
    outbox.withhold_about([request])


def _mail_to_deciders(request: AccessRequest) -> None:
    """Tell some of those who can give it; the page of members has it for all of them."""
    node = request.node
    needed = request.asked_permission or INVITE_MEMBER[node.level]
    for decider in explanations.grantors(needed, node):
        if decider.pk != request.user_id:
            outbox.enqueue(
                "access_request",
                recipient=decider.email,
                context=_words(request, "membership-index") | {"message": request.message},
                language=decider.known_language,
                organization=node.organization,
                about=request,
            )


def _mail_to_asker(request: AccessRequest, role: str = "") -> None:
    """Tell who has asked: as what they are in, or that the answer is no."""
    outbox.enqueue(
        "access_answer",
        recipient=request.user.email,
        context=_words(request, "detail") | {"role": role},
        language=request.user.known_language,
        organization=request.organization,
        about=request,
    )


def _reason_not_to_ask(request: AccessRequest, mail: OutgoingMail) -> Ending | None:
    """Return what has ended a mail that asks for an answer, if anything."""
    if not request.is_pending or not request.user.is_active:
        return Ending.DECIDED
    can_answer = mail_rules.can_its_reader(mail, permission_to_decide(request), request.node)
    return None if can_answer else Ending.NOT_THEIRS


def _reason_not_to_answer(request: AccessRequest, _mail: OutgoingMail) -> Ending | None:
    """Return what has ended a mail with the answer: what was given is gone again."""
    if request.state != RequestState.APPROVED:
        return None
    rows = Membership.objects.at(request.node).in_force().filter(user=request.user_id)
    return None if rows.exists() else Ending.CHANGED


mail_rules.declare("access_request", about=AccessRequest, ended=_reason_not_to_ask)
mail_rules.declare("access_answer", about=AccessRequest, ended=_reason_not_to_answer)


def _words(request: AccessRequest, page: str) -> dict[str, Any]:
    node = request.node
    return {
        "asker": str(request.user),
        "asker_email": request.user.email,
        "node": node.name,
        "organization": node.organization.name,
        "permission": request.permission,
        "link": outbox.link_to(page, **node.slugs),
    }


def _record(
    action: str,
    request: AccessRequest,
    by: User,
    changes: Changes | None = None,
) -> None:
    audit.record(
        action,
        by=by,
        node=request.node,
        target=request,
        target_label=audit.label_of(request.user),
        changes=changes,
    )
