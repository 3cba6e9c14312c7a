import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission as DjangoPermission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hierarchy import access, audit, grants
from hierarchy.models import (
    AccessRequest,
    AuditEvent,
    BlockedPerson,
    Invitation,
    Membership,
    Organization,
    OutgoingMail,
    RequestState,
    State,
    Status,
    WayIn,
)
from hierarchy.refusals import NotAllowed, Refused, Stale
from hierarchy.roles import Level, Permission, Role
from tests.factories import (
    AccessRequestFactory,
    CustomRoleFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    OwnershipOfferFactory,
    UserFactory,
    membership_of,
)
from tests.support.acting import memberships, owners, ownership, transfers
from tests.support.activity import changes_told
from tests.support.refusals import refused


def _may(user, permission, node):
    """Ask as the next request does: with a user object that remembers nothing."""
    access.forget(user)
    return access.can(user, permission, node)


def test_change_role_takes_effect_at_once(tree, owner, viewer, recorded):
    assert not _may(viewer, Permission.ADD_WORKSPACE, tree.acme)

    memberships.change_role(membership_of(viewer, tree.acme), Role.MANAGER, by=owner)

    assert _may(viewer, Permission.ADD_WORKSPACE, tree.acme)
    assert recorded() == ["membership.change_role"]


def test_change_role_to_the_same_role_changes_nothing(tree, owner, viewer, recorded):
    memberships.change_role(membership_of(viewer, tree.acme), Role.VIEWER, by=owner)

    assert recorded() == []


def test_change_role_refuses_to_touch_an_owner_as_manager(tree, owner, manager):
    with refused("more_than_you_hold", "role"):
        memberships.change_role(membership_of(owner, tree.acme), Role.VIEWER, by=manager)


def test_change_role_refuses_to_make_an_owner_as_manager(tree, manager, viewer):
    with refused("more_than_you_hold", "role"):
        memberships.change_role(membership_of(viewer, tree.acme), Role.OWNER, by=manager)


def test_change_role_lets_a_manager_make_a_manager(tree, manager, viewer):
    memberships.change_role(membership_of(viewer, tree.acme), Role.MANAGER, by=manager)

    assert membership_of(viewer, tree.acme).role == Role.MANAGER


@pytest.mark.parametrize("actor", ["maintainer", "viewer", "guest", "outsider"])
def test_change_role_is_not_allowed_without_the_permission(tree, owner, actor, request):
    other = MembershipFactory(node=tree.acme)
    by = request.getfixturevalue(actor)

    with refused("not_allowed"):
        memberships.change_role(other, Role.MAINTAINER, by=by)


@pytest.mark.parametrize(
    "change",
    [
        lambda own, by: memberships.change_role(own, Role.MANAGER, by=by),
        lambda own, by: memberships.suspend(own, by=by),
        lambda own, by: memberships.remove(own, by=by),
    ],
)
def test_nobody_changes_their_own_membership(tree, owner, change):
    with refused("own"):
        change(membership_of(owner, tree.acme), owner)


def test_change_role_keeps_the_last_owner(tree, staff):
    with refused("last_owner"):
        memberships.change_role(Membership.objects.get(), Role.MANAGER, by=staff)


def test_change_role_refuses_a_member_who_has_gone(tree, owner, viewer):
    membership = membership_of(viewer, tree.acme)
    memberships.remove(membership_of(viewer, tree.acme), by=owner)

    with refused("gone"):
        memberships.change_role(membership, Role.MANAGER, by=owner)


def test_suspend_silences_what_is_beneath(tree, owner, viewer, recorded):
    MembershipFactory(user=viewer, node=tree.shop, role=Role.MANAGER)
    assert _may(viewer, Permission.CHANGE_WORKSPACE, tree.shop)

    memberships.suspend(membership_of(viewer, tree.acme), by=owner)

    assert not _may(viewer, Permission.VIEW_ORGANIZATION, tree.acme)
    assert not _may(viewer, Permission.VIEW_WORKSPACE, tree.shop)
    assert recorded() == ["membership.suspend"]
    assert grants.resync(check=True) == []


def test_suspend_leaves_what_is_above_and_beside(tree, owner, viewer):
    MembershipFactory(user=viewer, node=tree.shop, role=Role.MANAGER)
    MembershipFactory(user=viewer, node=tree.press, role=Role.MANAGER)

    memberships.suspend(membership_of(viewer, tree.shop), by=owner)

    assert _may(viewer, Permission.VIEW_WORKSPACE, tree.shop)
    assert not _may(viewer, Permission.CHANGE_WORKSPACE, tree.shop)
    assert _may(viewer, Permission.CHANGE_WORKSPACE, tree.press)


def test_suspend_refuses_what_is_suspended(tree, owner):
    membership = MembershipFactory(node=tree.acme, status=Status.SUSPENDED)

    with refused("suspended"):
        memberships.suspend(membership, by=owner)


def test_suspend_refuses_to_silence_more_than_one_holds(tree, manager, viewer):
    MembershipFactory(user=viewer, node=tree.shop, role=Role.OWNER)

    with refused("more_than_you_hold", "role"):
        memberships.suspend(membership_of(viewer, tree.acme), by=manager)


def test_suspend_keeps_the_last_owner(tree, staff):
    with refused("last_owner"):
        memberships.suspend(Membership.objects.get(), by=staff)


def test_suspended_and_deactivated_owners_do_not_count(tree, staff):
    MembershipFactory(node=tree.acme, role=Role.OWNER, status=Status.SUSPENDED)
    MembershipFactory(node=tree.acme, role=Role.OWNER, user__is_active=False)
    first = Membership.objects.effective_owners().get()

    with refused("last_owner"):
        memberships.suspend(first, by=staff)


def test_reactivate_brings_back_what_was_there(tree, owner, viewer, recorded):
    MembershipFactory(user=viewer, node=tree.shop, role=Role.MANAGER)
    memberships.suspend(membership_of(viewer, tree.acme), by=owner)

    memberships.reactivate(membership_of(viewer, tree.acme), by=owner)

    assert _may(viewer, Permission.VIEW_ORGANIZATION, tree.acme)
    assert _may(viewer, Permission.CHANGE_WORKSPACE, tree.shop)
    assert recorded() == ["membership.suspend", "membership.reactivate"]


def test_reactivate_refuses_what_is_active(tree, owner, viewer):
    with refused("active"):
        memberships.reactivate(membership_of(viewer, tree.acme), by=owner)


def test_reactivate_refuses_an_owner_as_manager(tree, manager):
    membership = MembershipFactory(node=tree.acme, role=Role.OWNER, status=Status.SUSPENDED)

    with refused("more_than_you_hold", "role"):
        memberships.reactivate(membership, by=manager)


def test_remove_ends_what_is_beneath(tree, owner, viewer, recorded):
    MembershipFactory(user=viewer, node=tree.shop, role=Role.MANAGER)
    MembershipFactory(user=viewer, node=tree.production, role=Role.OWNER)

    memberships.remove(membership_of(viewer, tree.acme), by=owner)

    assert not Membership.objects.filter(user=viewer).exists()
    assert not _may(viewer, Permission.VIEW_APPLICATION, tree.production)
    assert recorded() == ["membership.remove"]
    assert grants.resync(check=True) == []


def test_remove_leaves_other_organizations_alone(tree, owner, viewer):
    elsewhere = MembershipFactory(user=viewer)

    memberships.remove(membership_of(viewer, tree.acme), by=owner)

    assert list(Membership.objects.filter(user=viewer)) == [elsewhere]
    assert _may(viewer, Permission.VIEW_ORGANIZATION, elsewhere.organization)


def test_remove_works_when_a_workspace_beneath_is_in_the_trash(tree, owner, viewer):
    MembershipFactory(user=viewer, node=tree.shop, role=Role.MANAGER)
    tree.shop.deleted_at = timezone.now()
    tree.shop.save()

    memberships.remove(membership_of(viewer, tree.acme), by=owner)

    assert not Membership.objects.filter(user=viewer).exists()


def test_remove_voids_what_the_person_has_offered(tree, owner, manager):
    mail = OutgoingMail.objects.create(recipient="a@example.com", message_id="1", context={"a": 1})
    InvitationFactory(node=tree.shop, invited_by=manager, mail=mail)
    InvitationFactory(node=tree.acme, invited_by=owner)

    memberships.remove(membership_of(manager, tree.acme), by=owner)

    states = Invitation.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["revoked", "pending"]
    mail.refresh_from_db()
    assert (mail.state, mail.context) == ("withheld", {})
    revoked = Invitation.objects.get(state="revoked")
    changes = changes_told(AuditEvent.objects.latest("id"))
    assert changes["invitations"] == [[revoked.email], []]


def test_remove_says_in_the_log_what_ends_along(tree, owner, manager):
    AccessRequestFactory(node=tree.shop, user=manager, permission="add_application")
    AccessRequestFactory(node=tree.press, user=manager, permission="")
    ownership.offer(tree.acme, manager, by=owner)
    MembershipFactory(node=tree.press, user=manager, role=Role.OWNER)
    transfers.offer(tree.press, OrganizationFactory(), by=manager)

    memberships.remove(membership_of(manager, tree.acme), by=owner)

    assert changes_told(AuditEvent.objects.latest("id")) == {
        "role": ["manager", None],
        "roles_beneath": [["Press: owner"], []],
        "access_requests": [["add_application", "Press"], []],
        "ownership_offers": [[audit.label_of(manager)], []],
        "transfers": [["Press"], []],
    }


@pytest.mark.parametrize("by", ["owner", "viewer"])
def test_whoever_goes_loses_what_was_offered_to_them(tree, owner, viewer, by, recorded):
    mail = OutgoingMail.objects.create(
        recipient=viewer.email, template="invitation", message_id="1", context={"link": "secret"}
    )
    theirs = InvitationFactory(node=tree.shop, email=viewer.email, invited_by=owner, mail=mail)
    elsewhere = InvitationFactory(email=viewer.email)
    someone = InvitationFactory(node=tree.shop, invited_by=owner)
    unproved = InvitationFactory(node=tree.shop, email="unproved@example.com", invited_by=owner)
    EmailAddress.objects.create(user=viewer, email=unproved.email, verified=False)

    end = memberships.leave if by == "viewer" else memberships.remove
    end(membership_of(viewer, tree.acme), by={"owner": owner, "viewer": viewer}[by])

    rows = (theirs, elsewhere, someone, unproved, mail)
    for row in rows:
        row.refresh_from_db()
    assert [row.state for row in rows] == ["revoked", "pending", "pending", "pending", "withheld"]
    assert len(recorded()) == 1


@pytest.mark.parametrize("by", ["owner", "viewer"])
def test_whoever_goes_asks_for_nothing_there_any_more(tree, owner, viewer, by):
    asked = AccessRequestFactory(user=viewer, node=tree.shop)
    elsewhere = AccessRequestFactory(user=viewer, node=OrganizationFactory())
    end = memberships.leave if by == "viewer" else memberships.remove
    actor = {"owner": owner, "viewer": viewer}[by]

    end(membership_of(viewer, tree.acme), by=actor)

    asked.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (asked.state, asked.decided_by) == ("withdrawn", actor)
    assert elsewhere.state == "pending"


@pytest.mark.parametrize("role", ["user", "offered_by"])
def test_whoever_goes_takes_the_offer_of_ownership_along(tree, owner, viewer, role):
    offer = OwnershipOfferFactory(organization=tree.acme, **{role: viewer})
    beneath = MembershipFactory(user=viewer, node=tree.shop)

    memberships.remove(beneath, by=owner)
    offer.refresh_from_db()
    assert offer.state == "pending"

    memberships.remove(membership_of(viewer, tree.acme), by=owner)
    offer.refresh_from_db()
    assert offer.state == "withdrawn"


@pytest.mark.parametrize("by", ["owner", "viewer"])
def test_whoever_goes_succeeds_nobody(tree, owner, viewer, by):
    Organization.objects.filter(pk=tree.acme.pk).update(successor=viewer)
    beneath = MembershipFactory(user=viewer, node=tree.shop)
    end = memberships.leave if by == "viewer" else memberships.remove
    actor = {"owner": owner, "viewer": viewer}[by]

    end(beneath, by=actor)
    assert Organization.objects.get(pk=tree.acme.pk).successor == viewer

    end(membership_of(viewer, tree.acme), by=actor)
    assert Organization.objects.get(pk=tree.acme.pk).successor is None
    changes = changes_told(AuditEvent.objects.latest("number"))
    assert changes == {"role": ["viewer", None], "successor": [audit.label_of(viewer), None]}


def test_remove_refuses_who_holds_more_beneath(tree, manager, viewer):
    MembershipFactory(user=viewer, node=tree.shop, role=Role.OWNER)

    with refused("more_than_you_hold", "role"):
        memberships.remove(membership_of(viewer, tree.acme), by=manager)


@pytest.mark.parametrize("verb", ["suspend", "remove"])
def test_what_is_beneath_takes_the_permission_there(tree, viewer, verb):
    names = ["view_organization", "remove_organization_member", "change_organization_member"]
    names += ["view_workspace", "view_application"]
    role = CustomRoleFactory(organization=tree.acme, permissions=names)
    limited = MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=role).user
    MembershipFactory(user=viewer, node=tree.shop, role=Role.VIEWER)

    with refused("more_than_you_hold", "role"):
        getattr(memberships, verb)(membership_of(viewer, tree.acme), by=limited)
    Membership.objects.at(tree.shop).filter(user=viewer).delete()
    getattr(memberships, verb)(membership_of(viewer, tree.acme), by=limited)


def test_remove_keeps_the_last_owner(tree, staff):
    with refused("last_owner"):
        memberships.remove(Membership.objects.get(), by=staff)


def test_leave_is_for_everybody(tree, viewer, recorded):
    memberships.leave(membership_of(viewer, tree.acme), by=viewer)

    assert not _may(viewer, Permission.VIEW_ORGANIZATION, tree.acme)
    assert recorded() == ["membership.leave"]


def test_leave_blocks_nobody_whom_no_door_lets_return(tree, viewer):
    memberships.leave(membership_of(viewer, tree.acme), by=viewer)

    assert not BlockedPerson.objects.exists()


def test_leave_is_for_the_suspended_too(tree, owner, viewer):
    memberships.suspend(membership_of(viewer, tree.acme), by=owner)

    memberships.leave(membership_of(viewer, tree.acme), by=viewer)

    assert not Membership.objects.filter(user=viewer).exists()


def test_leave_refuses_the_last_owner(tree):
    membership = Membership.objects.get()

    with refused("last_owner"):
        memberships.leave(membership, by=membership.user)


def test_leave_as_owner_of_a_workspace_needs_no_other(tree):
    membership = MembershipFactory(node=tree.shop, role=Role.OWNER)

    memberships.leave(membership, by=membership.user)

    assert not Membership.objects.at(tree.shop).exists()


def test_add_settles_their_wish_to_join_for_who_adds_them(tree, staff, outsider):
    wish = AccessRequestFactory(node=tree.acme, user=outsider)

    memberships.add(tree.acme, outsider, Role.VIEWER, by=staff)

    wish.refresh_from_db()
    assert (wish.state, wish.decided_by) == (RequestState.WITHDRAWN, staff)
    changes = AuditEvent.objects.get(action="membership.add").changes
    assert changes == {"role": [None, "viewer"], "access_requests": [[wish.label], []]}


@pytest.mark.parametrize("node", ["acme", "shop", "production"])
def test_add_makes_a_member_without_asking(tree, staff, outsider, node, recorded):
    node = getattr(tree, node)

    membership = memberships.add(node, outsider, Role.OWNER, by=staff)

    assert (membership.node, membership.invited_by) == (node, staff)
    assert membership.way_in == WayIn.STAFF
    assert _may(outsider, Permission.DELETE_APPLICATION, tree.production)
    assert recorded() == ["membership.add"]


@pytest.mark.parametrize("actor", ["owner", "outsider"])
def test_add_is_for_staff(tree, viewer, actor, request):
    actor = request.getfixturevalue(actor)
    somebody = UserFactory()

    with refused("not_allowed"):
        memberships.add(tree.acme, somebody, Role.VIEWER, by=actor)


def test_add_is_not_for_an_owner_whose_rights_as_staff_were_left_behind(tree, owner, outsider):
    owner.user_permissions.set(DjangoPermission.objects.filter(codename__startswith="invite_"))

    with refused("not_allowed"):
        memberships.add(tree.acme, outsider, Role.VIEWER, by=owner)


def test_add_asks_anew_for_the_rights_of_staff(tree, outsider):
    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.set(DjangoPermission.objects.filter(codename__endswith="_member"))
    assert clerk.has_perm("hierarchy.invite_organization_member")
    clerk.user_permissions.clear()

    with pytest.raises(NotAllowed):
        memberships.add(tree.acme, outsider, Role.VIEWER, by=clerk)


def test_add_refuses_who_is_a_member(tree, staff, viewer):
    with refused("already_member"):
        memberships.add(tree.acme, viewer, Role.OWNER, by=staff)


def test_add_says_what_to_do_about_whom_nothing_is_granted_now(tree, staff, viewer, resting):
    with refused(resting):
        memberships.add(tree.acme, viewer, Role.OWNER, by=staff)


def test_whoever_becomes_a_member_is_offered_and_asks_for_that_no_more(tree, staff, outsider):
    EmailAddress.objects.create(user=outsider, email="other@example.com", verified=True)
    for email in (outsider.email, "other@example.com"):
        InvitationFactory(node=tree.acme, email=email)
    InvitationFactory(node=tree.shop, email=outsider.email)
    AccessRequestFactory(node=tree.acme, user=outsider)
    AccessRequestFactory(node=tree.shop, user=outsider, permission=Permission.CHANGE_WORKSPACE)

    memberships.add(tree.acme, outsider, Role.VIEWER, by=staff)

    waiting = Invitation.objects.filter(state=State.PENDING)
    asked = AccessRequest.objects.filter(state=RequestState.PENDING)
    assert [row.node for row in waiting.with_nodes()] == [tree.shop]
    assert [row.node for row in asked.with_nodes()] == [tree.shop]


def test_add_refuses_who_is_suspended_above(tree, staff, viewer):
    Membership.objects.filter(user=viewer).update(status=Status.SUSPENDED)

    with refused("suspended_member"):
        memberships.add(tree.shop, viewer, Role.OWNER, by=staff)


def test_add_refuses_an_inactive_account(tree, staff):
    inactive = UserFactory(is_active=False)

    with refused("inactive", "user"):
        memberships.add(tree.acme, inactive, Role.OWNER, by=staff)


def test_add_refuses_an_account_deactivated_meanwhile(tree, staff, outsider):
    type(outsider).objects.filter(pk=outsider.pk).update(is_active=False)

    with refused("inactive", "user"):
        memberships.add(tree.acme, outsider, Role.OWNER, by=staff)


def test_manage_only_with_what_one_holds_now(tree, owner, manager, viewer):
    """The request of a demoted manager began before the demotion."""
    assert access.can(manager, Permission.CHANGE_ORGANIZATION_MEMBER, tree.acme)
    memberships.change_role(membership_of(manager, tree.acme), Role.VIEWER, by=owner)

    with pytest.raises(NotAllowed):
        memberships.change_role(membership_of(viewer, tree.acme), Role.MAINTAINER, by=manager)


def test_refuse_in_what_is_suspended_or_deleted(tree, owner, viewer):
    membership = membership_of(viewer, tree.acme)
    tree.acme.suspended_at = timezone.now()
    tree.acme.save()
    with refused("suspended"):
        memberships.remove(membership, by=owner)
    tree.acme.suspended_at = None
    tree.acme.deleted_at = timezone.now()
    tree.acme.save()
    with refused("gone"):
        memberships.remove(membership, by=owner)


@pytest.mark.parametrize(
    ("change", "most"),
    [
        (lambda membership, by: memberships.change_role(membership, Role.MANAGER, by=by), 12),
        (lambda membership, by: memberships.remove(membership, by=by), 14),  # two for the mail
    ],
)
def test_grant_and_revoke_in_few_queries(tree, owner, viewer, change, most):
    memberships.change_role(
        membership_of(viewer, tree.acme), Role.MAINTAINER, by=owner
    )  # warms the caches
    membership = Membership.objects.with_nodes().get(user=viewer)

    with CaptureQueriesContext(connection) as queries:
        change(membership, owner)

    sql = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(sql) <= most, "\n".join(sql)


def test_sole_owned_names_organizations_without_another_owner(tree, owner):
    (first,) = [m.user for m in Membership.objects.effective_owners() if m.user != owner]
    assert owners.sole_owned(owner) == []

    first.is_active = False
    first.save()

    assert owners.sole_owned(owner) == [tree.acme]


def test_staff_add_nobody_with_a_role_of_another_tree(tree, staff, outsider):
    foreign = CustomRoleFactory(permissions=["view_organization"])

    with refused("unfit_role", field="role"):
        memberships.add(tree.acme, outsider, foreign, by=staff)


def test_nobody_gives_a_custom_role_without_saying_which(tree, owner, staff, viewer, outsider):
    with refused("unfit_role", field="role"):
        memberships.add(tree.acme, outsider, Role.CUSTOM, by=staff)
    with refused("unfit_role", field="role"):
        memberships.change_role(membership_of(viewer, tree.acme), Role.CUSTOM, by=owner)


def test_nobody_leaves_for_somebody_else(tree, owner, viewer):
    for by, own in ((owner, viewer), (viewer, owner)):
        with refused("not_yours"):
            memberships.leave(membership_of(own, tree.acme), by=by)


@pytest.mark.parametrize("name", ["shop", "production"])
def test_the_last_owner_may_lose_what_they_own_beneath(tree, staff, name):
    last = Membership.objects.at(tree.acme).get().user
    for end in (memberships.suspend, memberships.remove):
        beneath = MembershipFactory(user=last, node=getattr(tree, name), role=Role.OWNER)

        end(beneath, by=staff)

        Membership.objects.filter(pk=beneath.pk).delete()
    assert Membership.objects.effective_owners().filter(organization=tree.acme).exists()


@pytest.mark.parametrize("name", ["shop", "production"])
def test_only_members_of_the_organization_are_blocked_on_removal(tree, owner, name):
    EmailDomainFactory(node=tree.acme, domain="example.com")
    member = MembershipFactory(node=getattr(tree, name))

    memberships.remove(member, by=owner)

    assert not BlockedPerson.objects.exists()


def test_remove_records_what_ended_beneath_and_nothing_else(tree, owner, viewer):
    other = MembershipFactory(node=tree.acme)
    MembershipFactory(node=tree.shop, user=other.user, role=Role.MANAGER)

    memberships.remove(membership_of(viewer, tree.acme), by=owner)
    memberships.remove(other, by=owner)

    alone, both = AuditEvent.objects.order_by("number").values_list("changes", flat=True)
    assert set(alone) == {"role"}
    assert len(both["roles_beneath"][0]) == 1


def test_a_suspended_owner_can_go_even_when_nobody_else_owns(tree, staff):
    last = Membership.objects.at(tree.acme).get()
    Membership.objects.filter(pk=last.pk).update(status=Status.SUSPENDED)

    memberships.remove(last, by=staff)

    assert not Membership.objects.at(tree.acme).exists()


@pytest.mark.parametrize("read", [Role.MAINTAINER, Role.VIEWER])
def test_change_role_from_a_stale_form(tree, owner, read, recorded):
    membership = MembershipFactory(node=tree.acme, role=read)
    version = str(membership.shown_role)
    Membership.objects.filter(pk=membership.pk).update(role=Role.MANAGER)

    with pytest.raises(Stale):
        memberships.change_role(membership, Role.VIEWER, by=owner, version=version)

    assert recorded() == []


def test_refuse_to_hand_out_more_by_naming_the_first_thing_lacking(tree, manager, viewer):
    level = Level.ORGANIZATION
    lacking = Role.OWNER.permissions_on(level) - Role.MANAGER.permissions_on(level)
    first = next(permission for permission in Permission if permission in lacking)

    with pytest.raises(Refused, match=first.label):
        memberships.change_role(membership_of(viewer, tree.acme), Role.OWNER, by=manager)
