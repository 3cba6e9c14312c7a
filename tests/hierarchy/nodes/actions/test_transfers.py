from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from hierarchy import access, audit, grants, review_files
from hierarchy.console import lookup
from hierarchy.models import (
    AccessRequest,
    AccessReview,
    AccessReviewRow,
    Application,
    AuditEvent,
    FormerSlug,
    Invitation,
    MailState,
    Membership,
    OfferState,
    Organization,
    OutgoingMail,
    ReviewState,
    SettingValue,
    Status,
    Transfer,
    WayIn,
    Workspace,
    role_columns,
)
from hierarchy.nodes import transfer_effects
from hierarchy.nodes.actions.slugs import Scope, reason_against
from hierarchy.refusals import NotAllowed
from hierarchy.roles import RECEIVE, TRANSFER, Level, Permission, Role
from tests.factories import (
    AccessRequestFactory,
    ApplicationFactory,
    BlockedPersonFactory,
    CustomRoleFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    TransferFactory,
    TrustedOriginFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.support.acting import (
    access_reviews,
    accounts,
    blocks,
    custom_roles,
    memberships,
    nodes,
    transfers,
)
from tests.support.activity import changes_told
from tests.support.planted import planted
from tests.support.refusals import refused


@pytest.fixture
def globex(tree):
    """Globex has an owner, a viewer, and the workspace Labs."""
    return planted("Globex, its boss, a reader and Labs", _globex)


def _globex():
    organization = OrganizationFactory(name="Globex", slug="globex")
    labs = WorkspaceFactory(organization=organization, name="Labs", slug="labs")
    boss = MembershipFactory(node=organization, user__email="boss@example.com", role=Role.OWNER)
    reader = MembershipFactory(node=organization, user__email="reader@example.com")
    return SimpleNamespace(organization=organization, labs=labs, boss=boss.user, reader=reader.user)


def _sees(user, node, permission=None):
    access.forget(user)
    fresh = type(node).objects.with_parents().get(pk=node.pk)
    return access.can(user, permission or Permission(f"view_{node.level}"), fresh)


def _accept(offer, globex, **options):
    return transfers.accept(offer, by=globex.boss, **{"keep": [], **options})


def test_offer_changes_nothing_yet(tree, globex, owner, recorded):
    transfers.offer(tree.shop, globex.organization, by=owner)

    assert not _sees(globex.boss, tree.shop)
    assert _sees(owner, tree.shop)
    assert recorded() == ["transfer.offer"]


def test_offer_is_told_to_those_who_may_accept_and_to_the_other_owners(tree, globex, owner):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    told = {(mail.template, mail.recipient) for mail in OutgoingMail.objects.all()}
    assert told == {
        ("transfer_offer", "boss@example.com"),
        ("transfer_notice", "first@example.com"),
    }
    assert list(transfers.open_for(globex.boss)) == [offer]
    assert list(transfers.open_for(globex.reader)) == []


def test_accept_moves_the_workspace_with_everything_in_it(tree, globex, owner, recorded):
    TrustedOriginFactory(node=tree.production)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    moved = _accept(offer, globex)

    shop = Workspace.objects.get(pk=tree.shop.pk)
    assert (moved.pk, shop.organization) == (shop.pk, globex.organization)
    web = Application.objects.get(pk=tree.production.pk)
    assert (web.workspace, web.organization) == (shop, globex.organization)
    assert web.path == [globex.organization, shop, web]
    assert recorded() == ["transfer.offer", "transfer.leave", "transfer.accept"]


def test_accept_takes_inherited_access_away_and_gives_it(tree, globex, owner, viewer):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    _accept(offer, globex)

    assert not _sees(owner, tree.shop)
    assert not _sees(viewer, tree.production)
    assert _sees(globex.reader, tree.production)
    assert _sees(globex.boss, tree.shop, Permission.DELETE_WORKSPACE)
    assert grants.resync(check=True) == []


def test_accept_keeps_only_the_members_who_were_confirmed(tree, globex, owner):
    stays = MembershipFactory(node=tree.shop, role=Role.MAINTAINER)
    inside = MembershipFactory(node=tree.production)
    goes = MembershipFactory(node=tree.shop, role=Role.MANAGER)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    _accept(offer, globex, keep=[stays.pk, inside.pk])

    assert _sees(stays.user, tree.shop)
    assert _sees(inside.user, tree.production)
    assert not _sees(goes.user, tree.shop)
    assert not Membership.objects.filter(pk=goes.pk).exists()
    for kept in (stays, inside):
        kept.refresh_from_db()
        assert (kept.way_in, kept.way_in_detail) == (WayIn.TRANSFER, "Acme")
        assert kept.invited_by == globex.boss
    assert grants.resync(check=True) == []


def test_accept_ends_roles_that_the_former_organization_has_composed(tree, globex, owner):
    role = CustomRoleFactory(organization=tree.acme, permissions=["view_workspace"])
    member = MembershipFactory(node=tree.shop, **role_columns(role))
    settled = InvitationFactory(
        node=tree.shop, **role_columns(role), state="declined", decided_at=timezone.now()
    )
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    with refused("changed"):
        _accept(offer, globex, keep=[member.pk])
    _accept(offer, globex)

    assert not _sees(member.user, tree.shop)
    assert not Invitation.objects.filter(pk=settled.pk).exists()
    assert grants.resync(check=True) == []


def test_accept_wakes_nobody_who_was_suspended_above(tree, globex, owner):
    sleeper = MembershipFactory(node=tree.acme, role=Role.VIEWER)
    below = MembershipFactory(node=tree.shop, user=sleeper.user)
    memberships.suspend(sleeper, by=owner)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    with refused("changed"):
        _accept(offer, globex, keep=[below.pk])
    _accept(offer, globex)

    assert not _sees(sleeper.user, tree.shop)
    assert grants.resync(check=True) == []


def test_accept_keeps_somebody_suspended_as_such(tree, globex, owner):
    member = MembershipFactory(node=tree.shop)
    memberships.suspend(member, by=owner)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    _accept(offer, globex, keep=[member.pk])

    assert Membership.objects.get(pk=member.pk).status == Status.SUSPENDED
    assert not _sees(member.user, tree.shop)


def test_accept_wakes_nobody_who_was_suspended_in_it(tree, globex, owner):
    sleeper = MembershipFactory(node=tree.shop)
    below = MembershipFactory(node=tree.production, user=sleeper.user)
    memberships.suspend(sleeper, by=owner)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    with refused("silenced", "keep"):
        _accept(offer, globex, keep=[below.pk])
    _accept(offer, globex, keep=[sleeper.pk, below.pk])

    assert not _sees(sleeper.user, tree.production)
    assert grants.resync(check=True) == []


def test_accept_wakes_nobody_who_was_suspended_in_a_role_that_stays(tree, globex, owner):
    role = CustomRoleFactory(organization=tree.acme, permissions=["view_workspace"])
    sleeper = MembershipFactory(node=tree.shop, **role_columns(role))
    below = MembershipFactory(node=tree.production, user=sleeper.user)
    memberships.suspend(sleeper, by=owner)

    assert below not in transfer_effects.coming(tree.shop, globex.organization)


def test_accept_ends_invitations_and_requests(tree, globex, owner):
    mail = OutgoingMail.objects.create(recipient="new@example.com", message_id="1")
    InvitationFactory(node=tree.shop, mail=mail)
    InvitationFactory(node=tree.production)
    elsewhere = InvitationFactory(node=tree.press)
    AccessRequestFactory(node=tree.shop)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    _accept(offer, globex)

    assert list(Invitation.objects.all()) == [elsewhere]
    assert not AccessRequest.objects.exists()
    mail.refresh_from_db()
    assert mail.state == MailState.WITHHELD


def test_only_an_owner_of_the_place_keeps_anybody(tree, globex, owner):
    manager = MembershipFactory(node=globex.organization, role=Role.MANAGER).user
    stranger = MembershipFactory(node=tree.shop)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    with refused("not_owner", "keep"):
        transfers.accept(offer, by=manager, keep=[stranger.pk])
    transfers.accept(offer, by=manager, keep=[])

    assert not _sees(stranger.user, tree.shop)


def test_an_owner_is_who_holds_all_that_an_owner_of_the_place_holds(tree, globex, owner):
    everything = [p.value for p in Permission]
    role = CustomRoleFactory(organization=globex.organization, permissions=everything)
    almost = CustomRoleFactory(organization=globex.organization, permissions=everything[:-1])
    like = MembershipFactory(node=globex.organization, **role_columns(role)).user
    unlike = MembershipFactory(node=globex.organization, **role_columns(almost)).user
    chief = MembershipFactory(node=tree.shop, role=Role.OWNER)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    with refused("not_owner", "keep"):
        transfers.accept(offer, by=unlike, keep=[chief.pk])
    transfers.accept(offer, by=like, keep=[chief.pk])

    assert _sees(chief.user, tree.shop, Permission.DELETE_WORKSPACE)


def test_who_owns_the_workspace_keeps_people_of_an_application(tree, globex, owner):
    head = MembershipFactory(node=globex.labs, role=Role.OWNER).user
    stays = MembershipFactory(node=tree.production)
    offer = transfers.offer(tree.production, globex.labs, by=owner)

    transfers.accept(offer, by=head, keep=[stays.pk])

    assert _sees(stays.user, tree.production)


def test_keep_nobody_who_is_blocked_there(tree, globex, owner):
    shut_out = MembershipFactory(node=tree.shop)
    block = BlockedPersonFactory(organization=globex.organization, user=shut_out.user)
    BlockedPersonFactory(organization=tree.acme, user=owner)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    with refused("blocked", "keep"):
        _accept(offer, globex, keep=[shut_out.pk])
    block.delete()
    _accept(offer, globex, keep=[shut_out.pk])

    assert _sees(shut_out.user, tree.shop)


def test_keep_nobody_who_was_blocked_there_under_a_closed_account(tree, globex, owner):
    former = UserFactory()
    address = former.email
    blocks.block(globex.organization, former, by=globex.boss)
    accounts.close(former)
    again = MembershipFactory(node=tree.shop, user=UserFactory(email=address))
    other = MembershipFactory(node=tree.shop)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    assert list(transfer_effects.shut_out(tree.shop, globex.organization)) == [again]
    with refused("blocked", "keep"):
        _accept(offer, globex, keep=[again.pk])
    _accept(offer, globex, keep=[other.pk])

    assert not _sees(again.user, tree.shop)


def test_a_block_after_the_preview_is_noticed(tree, globex, owner):
    member = MembershipFactory(node=tree.shop)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    shown = str(transfers.shown_to_accept(offer, globex.organization))
    BlockedPersonFactory(organization=globex.organization, user=member.user)

    with refused("stale"):
        _accept(offer, globex, version=shown)


def test_within_its_organization_blocking_takes_no_access_away(tree, owner):
    member = MembershipFactory(node=tree.production)
    BlockedPersonFactory(organization=tree.acme, user=member.user)
    offer = transfers.offer(tree.production, tree.press, by=owner)

    transfers.accept(offer, by=owner, keep=[member.pk])

    assert _sees(member.user, tree.production)


def test_keep_no_membership_of_elsewhere(tree, globex, owner, viewer):
    foreign = Membership.objects.get(user=viewer)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    with refused("changed"):
        _accept(offer, globex, keep=[foreign.pk])


def test_accept_only_what_was_shown(tree, globex, owner):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    shown = str(transfers.shown_to_accept(offer, globex.organization))
    MembershipFactory(node=tree.shop)

    with refused("stale"):
        _accept(offer, globex, version=shown)


def test_accept_only_the_dates_and_the_rights_that_were_shown(tree, owner):
    role = CustomRoleFactory(organization=tree.acme, permissions=["view_application"])
    holder = MembershipFactory(node=tree.production, **role_columns(role))
    more = [Permission.VIEW_APPLICATION, Permission.CHANGE_APPLICATION]
    offer = transfers.offer(tree.production, tree.press, by=owner)

    for change in (
        lambda: custom_roles.edit(role, name=role.name, permissions=more, by=owner),
        lambda: Membership.objects.filter(pk=holder.pk).update(starts_at=timezone.now()),
    ):
        shown = str(transfers.shown_to_accept(offer, tree.press))
        change()
        with refused("stale"):
            transfers.accept(offer, by=owner, keep=[holder.pk], version=shown)


def test_changed_settings_are_those_that_were_inherited(tree, globex, owner):
    path = {"organization": tree.acme, "key": "time_zone"}
    SettingValue.objects.create(**path, value="Europe/Paris")
    SettingValue.objects.create(
        organization=tree.acme, workspace=tree.shop, key="hour_cycle", value="12"
    )
    (change,) = transfer_effects.changed_settings(tree.shop, globex.organization)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    _accept(offer, globex)

    assert (change.now.value, change.then.value) == ("Europe/Paris", "UTC")
    event = AuditEvent.objects.get(action="transfer.accept")
    assert len(event.changes["settings"][0]) == 1
    assert SettingValue.objects.get(key="hour_cycle").organization == globex.organization


def test_the_old_address_leads_to_the_new_one_and_is_kept_free(tree, globex, owner):
    WorkspaceFactory(organization=globex.organization, name="Other", slug="shop")
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    moved = _accept(offer, globex)

    assert moved.slug == "shop-2"
    assert reason_against("shop", Scope(Level.WORKSPACE, tree.acme))
    path = {"organization": "acme", "workspace": "shop"}
    for further in ({}, {"application": "web", "environment": "production"}):
        with pytest.raises(lookup.Moved) as redirected:
            lookup.get_node(globex.boss, path | further, to=TRANSFER)
        assert redirected.value.node.organization == globex.organization
    access.forget(owner)
    with pytest.raises(Http404):
        lookup.get_node(owner, path, to=TRANSFER)


def test_a_taken_slug_can_be_replaced(tree, globex, owner):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    with refused("slug", "slug"):
        _accept(offer, globex, slug="labs")
    assert _accept(offer, globex, slug="store").slug == "store"


def test_what_has_moved_can_come_back_to_its_slug(tree, globex, owner):
    MembershipFactory(node=globex.organization, user=owner, role=Role.OWNER)
    _accept(transfers.offer(tree.shop, globex.organization, by=owner), globex)
    shop = Workspace.objects.with_parents().get(pk=tree.shop.pk)

    back = transfers.accept(transfers.offer(shop, tree.acme, by=owner), by=owner, keep=[])

    assert (back.organization, back.slug) == (tree.acme, "shop")
    assert FormerSlug.objects.filter(organization_id=tree.acme.pk, slug="shop").count() == 0


def test_neither_log_names_workspaces_of_the_other_organization(tree, globex, owner):
    hidden = Workspace.objects.get(organization=globex.organization, name="Labs")
    stays = MembershipFactory(node=tree.production)
    offer = transfers.offer(tree.production, globex.organization, by=owner)

    _accept(offer, globex, workspace=hidden, keep=[stays.pk])

    left, came = AuditEvent.objects.filter(action__in=["transfer.leave", "transfer.accept"])
    told = {event.action: f"{event.target_label} {event.changes}" for event in (left, came)}
    assert "Labs" not in told["transfer.leave"]
    assert "Shop" not in told["transfer.accept"]
    stays.refresh_from_db()
    assert stays.way_in_detail == "Acme"


def test_owners_are_told_no_workspace_of_another_organization(tree, globex, owner):
    """Who offers it may see that workspace; others of the organization needn't."""
    hidden = Workspace.objects.get(organization=globex.organization, name="Labs")
    transfers.withdraw(transfers.offer(tree.production, hidden, by=owner), by=owner)
    transfers.decline(transfers.offer(tree.production, hidden, by=owner), by=globex.boss)
    offer = transfers.offer(tree.production, hidden, by=owner)
    mails = list(OutgoingMail.objects.all())

    _accept(offer, globex)

    mails += OutgoingMail.objects.all()
    told = {
        str(mail.context) for mail in mails if mail.template != "transfer_offer" and mail.sealed
    }
    assert len(told) > 2
    assert not any("Labs" in context for context in told)
    for event in AuditEvent.objects.filter(organization_id=tree.acme.pk):
        assert "Labs" not in f"{event.target_label} {event.changes}"


@pytest.mark.parametrize(
    ("place", "who"), [("press", "its former workspace"), ("labs", "above it")]
)
def test_say_truly_who_sees_it_no_more(tree, globex, owner, place, who):
    to = tree.press if place == "press" else globex.labs
    by = owner if place == "press" else globex.boss

    transfers.accept(transfers.offer(tree.production, to, by=owner), by=by, keep=[])

    mail = OutgoingMail.objects.get(template="transfer_answer")
    for extension in ("txt", "html"):
        assert f"{who} can no longer see it." in render_to_string(
            f"emails/transfer_answer.{extension}", mail.context
        )


def test_each_organization_records_its_own_side(tree, globex, owner):
    gone = MembershipFactory(node=tree.shop)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    _accept(offer, globex)

    left = AuditEvent.objects.get(action="transfer.leave")
    came = AuditEvent.objects.get(action="transfer.accept")
    assert (left.organization_id, came.organization_id) == (tree.acme.pk, globex.organization.pk)
    assert changes_told(left)["members"] == [[audit.label_of(gone.user)], []]
    assert "members" not in came.changes
    assert (
        not AuditEvent.objects.within(Workspace.objects.get(pk=tree.shop.pk))
        .exclude(pk=came.pk)
        .exists()
    )


def test_an_application_moves_within_its_organization(tree, owner, maintainer, recorded):
    role = CustomRoleFactory(organization=tree.acme, permissions=["view_application"])
    guest = MembershipFactory(node=tree.shop)
    holder = MembershipFactory(node=tree.production, **role_columns(role))
    offer = transfers.offer(tree.production, tree.press, by=owner)

    moved = transfers.accept(offer, by=owner, keep=[holder.pk])

    assert moved.path == [tree.acme, tree.press, tree.production]
    assert _sees(maintainer, tree.production)
    assert _sees(holder.user, tree.production)
    assert not _sees(guest.user, tree.production)
    assert recorded() == ["transfer.offer", "transfer.accept"]
    assert grants.resync(check=True) == []


def test_an_application_offered_to_an_organization_goes_into_a_workspace_of_it(tree, globex, owner):
    offer = transfers.offer(tree.production, globex.organization, by=owner)

    with refused("unfit_place", "workspace"):
        _accept(offer, globex)
    with refused("elsewhere", "workspace"):
        _accept(offer, globex, workspace=tree.press)
    moved = _accept(offer, globex, workspace=globex.labs)

    assert moved.path == [globex.organization, globex.labs, tree.production]
    for event in AuditEvent.objects.filter(action__in=["transfer.leave", "transfer.accept"]):
        assert event.changes["organization"] == ["Acme", "Globex"]
        assert "workspace" not in event.changes
    assert grants.resync(check=True) == []


def test_an_application_needs_a_free_name(tree, globex, owner):
    ApplicationFactory(workspace=globex.labs, name="Web", slug="other", environment="production")
    offer = transfers.offer(tree.production, globex.labs, by=owner)

    with refused("duplicate"):
        _accept(offer, globex)
    assert Application.objects.get(pk=tree.production.pk).workspace == tree.shop


@pytest.mark.parametrize("person", ["manager", "maintainer", "viewer"])
def test_offer_takes_an_owner(tree, globex, person, request):
    with pytest.raises(NotAllowed):
        transfers.offer(tree.shop, globex.organization, by=request.getfixturevalue(person))


def test_offer_nothing_to_where_it_is(tree, owner):
    with refused("there_already", "place"):
        transfers.offer(tree.shop, tree.acme, by=owner)
    with refused("there_already", "place"):
        transfers.offer(tree.production, tree.shop, by=owner)
    with refused("unfit_place", "place"):
        transfers.offer(tree.shop, tree.press, by=owner)


def test_only_one_offer_is_open(tree, globex, owner):
    transfers.offer(tree.shop, globex.organization, by=owner)

    with refused("duplicate"):
        transfers.offer(tree.shop, globex.organization, by=owner)


def test_an_offer_expires_by_itself(tree, globex, owner):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    Transfer.objects.update(expires_at=timezone.now())

    with refused("decided"):
        _accept(offer, globex)
    transfers.offer(tree.shop, globex.organization, by=owner)
    offer.refresh_from_db()
    assert offer.state == OfferState.EXPIRED


def test_offers_are_bounded(tree, globex, owner, monkeypatch):
    monkeypatch.setattr(transfers, "MOST_A_DAY", 1)
    transfers.offer(tree.shop, globex.organization, by=owner)

    with refused("too_many"):
        transfers.offer(tree.press, globex.organization, by=owner)


def test_what_was_accepted_does_not_count_for_who_has_it_now(tree, globex, owner, monkeypatch):
    monkeypatch.setattr(transfers, "MOST_A_DAY", 1)
    _accept(transfers.offer(tree.shop, globex.organization, by=owner), globex)

    transfers.offer(globex.labs, tree.acme, by=globex.boss)


def test_offers_end_with_their_place_in_each_organization(tree, globex, owner):
    initech = MembershipFactory(role=Role.OWNER)
    foreign = ApplicationFactory(workspace=WorkspaceFactory(organization=initech.organization))
    lapsing = transfers.offer(foreign, tree.acme, by=initech.user)
    Transfer.objects.filter(pk=lapsing.pk).update(to_workspace=tree.shop)
    stale = transfers.offer(
        ApplicationFactory(workspace=foreign.workspace), tree.acme, by=initech.user
    )
    Transfer.objects.filter(pk=stale.pk).update(to_workspace=tree.shop, expires_at=timezone.now())
    inside = transfers.offer(tree.production, tree.press, by=owner)
    near = transfers.offer(
        ApplicationFactory(workspace=tree.press, name="Near"), tree.shop, by=owner
    )
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    _accept(offer, globex)

    for row in (lapsing, stale, inside, near):
        row.refresh_from_db()
        assert row.state == OfferState.WITHDRAWN
    event = AuditEvent.objects.get(action="transfer.lapse")
    assert (event.organization_id, event.target_id) == (initech.organization.pk, lapsing.pk)
    left = AuditEvent.objects.get(action="transfer.leave")
    assert {tuple(names) for names in left.changes["transfers"]} == {("Near", "Web"), ()}
    told = OutgoingMail.objects.get(template="transfer_answer", recipient=initech.user.email)
    assert told.context["has_moved"]


def test_accept_nothing_while_another_organization_offers_to_it(tree, globex, owner, monkeypatch):
    """Somebody of an organization that isn't locked was in time: their log is not written."""
    initech = MembershipFactory(role=Role.OWNER)
    foreign = ApplicationFactory(workspace=WorkspaceFactory(organization=initech.organization))
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    lock = transfers.lock_both

    def offered_meanwhile(node, place, **options):
        locked = lock(node, place, **options)
        made = transfers.offer(foreign, tree.acme, by=initech.user)
        Transfer.objects.filter(pk=made.pk).update(to_workspace=tree.shop)
        return locked

    calls = iter([offered_meanwhile])
    monkeypatch.setattr(
        transfers, "lock_both", lambda *parts, **options: next(calls, lock)(*parts, **options)
    )

    with refused("changed"):
        _accept(offer, globex)


@pytest.fixture
def mover(tree, globex):
    """Owns the workspace Shop, not Acme, and owns Globex."""
    mover = MembershipFactory(node=tree.shop, role=Role.OWNER).user
    MembershipFactory(node=globex.organization, user=mover, role=Role.OWNER)
    return mover


def test_nobody_takes_out_alone_what_others_own(tree, globex, mover):
    offer = transfers.offer(tree.shop, globex.organization, by=mover)

    with refused("own_offer"):
        transfers.accept(offer, by=mover, keep=[])
    _accept(offer, globex)

    assert Workspace.objects.get(pk=tree.shop.pk).organization == globex.organization


def test_who_owns_both_organizations_may_do_both(tree, globex, owner):
    MembershipFactory(node=globex.organization, user=owner, role=Role.OWNER)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    transfers.accept(offer, by=owner, keep=[])

    assert Workspace.objects.get(pk=tree.shop.pk).organization == globex.organization


def test_the_owners_of_what_it_leaves_hear_of_the_acceptance(tree, globex, mover, owner):
    offer = transfers.offer(tree.shop, globex.organization, by=mover)

    _accept(offer, globex)

    mails = OutgoingMail.objects.filter(template="transfer_leave")
    assert set(mails.values_list("recipient", flat=True)) == {owner.email, "first@example.com"}
    assert mails[0].organization == tree.acme
    assert mails[0].context["organization"] == "Acme"


@pytest.mark.parametrize("state", ["suspended_at", "deleted_at"])
def test_an_offer_to_what_is_closed_can_be_taken_back_and_none_made(tree, globex, owner, state):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    Organization.objects.filter(pk=globex.organization.pk).update(**{state: timezone.now()})

    transfers.withdraw(offer, by=owner)
    with refused("closed_place", "place"):
        transfers.offer(tree.shop, globex.organization, by=owner)

    offer.refresh_from_db()
    assert offer.state == OfferState.WITHDRAWN


def test_decline_while_suspended(tree, globex, owner):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    nodes.suspend(globex.organization, by=globex.boss)

    transfers.decline(offer, by=globex.boss)

    assert not Transfer.objects.pending().exists()


def test_withdraw(tree, globex, owner, recorded):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    transfers.withdraw(offer, by=owner)

    with refused("decided"):
        _accept(offer, globex)
    assert recorded()[-1] == "transfer.withdraw"


@pytest.mark.parametrize("end", ["withdraw", "accept", "decline"])
def test_what_is_over_asks_nobody_any_more(tree, globex, owner, end):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    transfers.offer(tree.press, globex.organization, by=owner)
    ends = {
        "withdraw": lambda: transfers.withdraw(offer, by=owner),
        "accept": lambda: _accept(offer, globex),
        "decline": lambda: transfers.decline(offer, by=globex.boss),
    }

    ends[end]()

    asking = OutgoingMail.objects.filter(template="transfer_offer").order_by("id")
    assert [mail.state for mail in asking] == [MailState.WITHHELD, MailState.QUEUED]


def test_decline_mails_nobody_whose_account_is_closed(tree, globex, owner):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)

    transfers.decline(offer, by=globex.boss)

    assert not OutgoingMail.objects.filter(template="transfer_answer").exists()


def test_decline_changes_nothing(tree, globex, owner, recorded):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    transfers.decline(offer, by=globex.boss)

    assert _sees(owner, tree.shop)
    assert recorded()[-1] == "transfer.decline"
    assert OutgoingMail.objects.latest("id").recipient == owner.email


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_answer_only_who_may_add_such_nodes_there(tree, globex, owner, verb):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    answer = {"accept": {"keep": []}, "decline": {}}[verb]

    for person in (globex.reader, owner, UserFactory()):
        with pytest.raises(NotAllowed) as refusal:
            getattr(transfers, verb)(offer, by=person, **answer)
        assert refusal.value.permission == RECEIVE[Level.WORKSPACE]


def test_accept_nothing_from_who_may_not_hand_it_over_any_more(tree, globex, owner):
    first = Membership.objects.at(tree.acme).get(user__email="first@example.com").user
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    mine = Membership.objects.at(tree.acme).get(user=owner)

    memberships.change_role(mine, Role.MANAGER, by=first)

    with refused("not_theirs"):
        _accept(offer, globex)


def test_accept_nothing_from_an_account_that_is_deactivated(tree, globex, owner, staff):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    accounts.deactivate(owner, by=staff)

    with refused("not_theirs"):
        _accept(offer, globex)
    transfers.decline(offer, by=globex.boss)


def _close(membership):
    accounts.close(membership.user)


def _leave(membership):
    memberships.leave(membership, by=membership.user)


@pytest.mark.parametrize("go", [_close, _leave])
def test_what_somebody_offered_ends_when_they_go(tree, globex, owner, go):
    mine = Membership.objects.at(tree.acme).get(user=owner)
    offers = [
        transfers.offer(tree.shop, globex.organization, by=owner),
        transfers.offer(tree.production, globex.organization, by=owner),
    ]
    elsewhere = TransferFactory(offered_by=owner)
    other = Membership.objects.at(tree.acme).get(user__email="first@example.com").user
    theirs = transfers.offer(tree.press, globex.organization, by=other)

    go(mine)

    for offer in offers:
        offer.refresh_from_db()
        assert offer.state == OfferState.WITHDRAWN
    assert set(Transfer.objects.pending()) == {elsewhere, theirs}
    assert transfers.offer(tree.shop, globex.organization, by=other)


@pytest.mark.parametrize(("state", "code"), [("suspend", "suspended"), ("delete", "gone")])
@pytest.mark.parametrize("which", ["node", "place"])
def test_accept_nothing_dead_and_nowhere_dead(tree, globex, owner, state, code, which):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    node, by = (tree.shop, owner) if which == "node" else (globex.organization, globex.boss)
    getattr(nodes, state)(node, by=by)

    with refused(code):
        _accept(offer, globex)


def test_accept_withdraws_offers_of_what_is_inside(tree, globex, owner):
    inside = transfers.offer(tree.production, globex.organization, by=owner)
    toward = transfers.offer(ApplicationFactory(workspace=tree.press), tree.shop, by=owner)

    _accept(transfers.offer(tree.shop, globex.organization, by=owner), globex)

    for offer in (inside, toward):
        offer.refresh_from_db()
        assert offer.state == OfferState.WITHDRAWN
    asking = OutgoingMail.objects.filter(template="transfer_offer")
    assert set(asking.values_list("state", flat=True)) == {MailState.WITHHELD}


def test_other_actions_notice_that_a_node_has_moved(tree, globex, owner):
    member = MembershipFactory(node=tree.shop)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    _accept(offer, globex, keep=[member.pk])

    with refused("gone"):
        nodes.edit(tree.shop, by=globex.boss, name="Store")
    with refused("gone"):
        memberships.suspend(member, by=globex.boss)


def test_a_place_can_not_be_falsified(tree, globex, owner):
    offer = transfers.offer(tree.production, globex.labs, by=owner)

    elsewhere = Transfer.objects.filter(pk=offer.pk)

    def falsify():
        with transaction.atomic():
            elsewhere.update(to_organization=tree.acme)
            connection.check_constraints()

    with pytest.raises(IntegrityError):
        falsify()


def test_access_reviews_of_a_workspace_stay_behind(tree, globex, owner):
    stays = MembershipFactory(node=tree.shop)
    due = timezone.now() + timedelta(days=7)
    finished = access_reviews.finish(
        access_reviews.start(tree.shop, due_at=due, by=owner), by=owner
    )
    checksum = review_files.checksum(finished, "csv")
    pending = access_reviews.start(tree.shop, due_at=due, by=owner)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    _accept(offer, globex, keep=[stays.pk])
    connection.check_constraints()

    assert set(AccessReview.objects.at(tree.acme)) == {finished, pending}
    assert not AccessReviewRow.objects.exclude(organization_id=tree.acme.pk).exists()
    pending.refresh_from_db()
    assert {row.former_workspace for row in AccessReview.objects.all()} == {"Shop"}
    assert (pending.state, pending.is_open) == (ReviewState.CANCELLED, False)
    assert not pending.rows.waiting().exists()
    finished.refresh_from_db()
    assert review_files.checksum(finished, "csv") == checksum == finished.csv_sha256
    left = AuditEvent.objects.get(action="transfer.leave")
    assert left.changes["access_reviews"] == [[str(pending.created_at.date())], []]
