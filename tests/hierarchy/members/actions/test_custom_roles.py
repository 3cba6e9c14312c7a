import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import get_language

from hierarchy import access, audit, grants
from hierarchy.models import AuditEvent, CustomRole, Membership, State
from hierarchy.refusals import Refused, Stale
from hierarchy.roles import Permission, Role
from tests.factories import (
    CustomRoleFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
    WorkspaceFactory,
)
from tests.support.acting import custom_roles, invitations, memberships, nodes
from tests.support.activity import changes_told
from tests.support.refusals import refused

P = Permission
BUILDER = [P.ADD_APPLICATION, P.VIEW_APPLICATION]


@pytest.fixture
def role(tree):
    return CustomRoleFactory(
        organization=tree.acme, name="Builder", permissions=["view_workspace", "add_application"]
    )


def _hold(role, node, **fields):
    return MembershipFactory(node=node, role=Role.CUSTOM, custom_role=role, **fields)


def _may(user, permission, node):
    access.forget(user)
    return access.can(user, permission, node)


def _edit(role, by, **changes):
    facts = {"name": role.name, "permissions": [P(name) for name in role.permissions]}
    return custom_roles.edit(role, by=by, **facts | changes)


# --- Composing -----------------------------------------------------------------------------------


def test_create_adds_what_lets_one_see(tree, owner, recorded):
    role = custom_roles.create(tree.acme, name=" Builder ", permissions=BUILDER, by=owner)

    role.refresh_from_db()
    assert (role.name, role.permissions) == (
        "Builder",
        ["view_workspace", "add_application", "view_application"],
    )
    assert recorded() == ["custom_role.create"]


def test_create_refuses_more_than_one_holds(tree, owner):
    composer = CustomRoleFactory(
        organization=tree.acme, permissions=["view_organization", "manage_custom_roles"]
    )
    by = _hold(composer, tree.acme).user

    with refused("more_than_you_hold", "role"):
        custom_roles.create(tree.acme, name="Builder", permissions=BUILDER, by=by)


@pytest.mark.parametrize("actor", ["manager", "maintainer", "viewer", "guest", "outsider"])
def test_compose_is_not_allowed_without_the_permission(tree, role, actor, request):
    by = request.getfixturevalue(actor)

    for act in (
        lambda: custom_roles.create(tree.acme, name="Other", permissions=BUILDER, by=by),
        lambda: _edit(role, by, name="Other"),
        lambda: custom_roles.delete(role, by=by),
    ):
        with refused("not_allowed"):
            act()


@pytest.mark.parametrize(
    ("name", "code"), [("owner", "built_in"), ("Viewer", "built_in"), ("x", "invalid")]
)
def test_create_refuses_a_misleading_name(tree, owner, name, code):
    with refused(code, "name"):
        custom_roles.create(tree.acme, name=name, permissions=BUILDER, by=owner)


def test_create_refuses_a_name_that_is_taken(tree, owner, role):
    with refused("duplicate", "name"):
        custom_roles.create(tree.acme, name="builder", permissions=BUILDER, by=owner)


def test_create_refuses_a_role_that_grants_nothing(tree, owner):
    with refused("empty", "permissions"):
        custom_roles.create(tree.acme, name="Builder", permissions=[], by=owner)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("\uff36iewer", "built_in"),
        ("custom-1", "reserved"),
        ("\uff23ustom-\uff11", "reserved"),
        ("STRASSE", "duplicate"),
        ("Vi\u200dewer", "built_in"),
        ("Owner\ufe0f", "built_in"),
        ("\u041ewner", "built_in"),
        ("\u039fW\u039dER", "built_in"),
        ("\u03bdiewer", "built_in"),
        ("0wner", "built_in"),
        ("Custom Role", "built_in"),
        ("custom\u200d-1", "reserved"),
        ("Stra\u200c\u00dfe", "duplicate"),
        ("\u0405trasse", "duplicate"),
        ("Ow\u034fner", "invalid"),
        ("\u3164\u3164", "invalid"),
    ],
)
def test_create_refuses_names_that_can_mean_another_role(tree, owner, name, code):
    CustomRoleFactory(organization=tree.acme, name="Straße")

    with refused(code, "name"):
        custom_roles.create(tree.acme, name=name, permissions=BUILDER, by=owner)


def test_create_refuses_what_built_in_roles_are_called_in_another_language(
    tree, owner, settings, monkeypatch
):
    settings.LANGUAGES = [("en", "English"), ("de", "German")]
    names = {"de": "Inhaber"}
    label = lazy(lambda: names.get(get_language(), "Owner"), str)()
    monkeypatch.setattr(Role.OWNER, "_label_", label)

    for name in ("INHABER", "owner"):
        with refused("built_in", "name"):
            custom_roles.create(tree.acme, name=name, permissions=BUILDER, by=owner)


def test_create_takes_names_in_other_scripts(tree, owner):
    for name in (
        "\u041c\u043e\u043d\u0442\u0430\u0436",
        "\u0395\u03c1\u03b3\u03ac\u03c4\u03b7\u03c2",
    ):
        assert custom_roles.create(tree.acme, name=name, permissions=BUILDER, by=owner).name == name
    with refused("duplicate", "name"):
        capitals = "\u041c\u041e\u041d\u0422\u0410\u0416"
        custom_roles.create(tree.acme, name=capitals, permissions=BUILDER, by=owner)


def test_create_refuses_long_descriptions_and_too_many_roles(tree, owner, monkeypatch, role):
    facts = {"name": "Other", "permissions": BUILDER, "by": owner}

    with refused("invalid", "description"):
        custom_roles.create(tree.acme, description="x" * 201, **facts)
    monkeypatch.setattr(custom_roles, "MOST_ROLES", 1)
    with refused("too_many"):
        custom_roles.create(tree.acme, **facts)


# --- Giving --------------------------------------------------------------------------------------


def test_give_it_to_members_and_in_invitations(tree, owner, guest, role, outsider):
    memberships.change_role(Membership.objects.get(user=guest), role, by=owner)
    offer = invitations.send(tree.shop, outsider.email, role, by=owner)
    invitations.accept(offer, by=outsider)

    for user in (guest, outsider):
        assert _may(user, P.ADD_APPLICATION, tree.shop)
        assert not _may(user, P.ADD_APPLICATION, tree.press)
    assert grants.resync(check=True) == []


def test_giving_refuses_a_role_that_makes_no_sense_there(tree, owner, role):
    elsewhere = CustomRoleFactory(permissions=["view_organization"])

    for node, other in ((tree.production, role), (tree.acme, elsewhere)):
        with refused("unfit_role", "role"):
            invitations.send(node, "a@example.com", other, by=owner)


def test_giving_refuses_what_one_does_not_hold(tree, manager, viewer):
    role = CustomRoleFactory(
        organization=tree.acme, permissions=["view_organization", "delete_workspace"]
    )

    with refused("more_than_you_hold", "role"):
        memberships.change_role(Membership.objects.get(user=viewer), role, by=manager)


def test_the_last_owner_can_not_get_a_custom_role(tree, staff):
    role = CustomRoleFactory(organization=tree.acme)

    with refused("last_owner"):
        memberships.change_role(Membership.objects.at(tree.acme).get(), role, by=staff)


# --- Changing ------------------------------------------------------------------------------------


def test_edit_is_true_for_every_holder_at_once(tree, owner, role, recorded):
    user = _hold(role, tree.shop).user

    _edit(role, owner, permissions=[P.VIEW_WORKSPACE, P.DELETE_WORKSPACE])

    assert _may(user, P.DELETE_WORKSPACE, tree.shop)
    assert not _may(user, P.ADD_APPLICATION, tree.shop)
    assert recorded() == ["custom_role.edit"]
    assert AuditEvent.objects.get().changes == {
        "permissions": [
            ["view_workspace", "add_application"],
            ["view_workspace", "delete_workspace"],
        ]
    }


def test_edit_to_the_same_changes_nothing(owner, role, recorded):
    _edit(role, owner)

    assert recorded() == []


def test_edit_notices_that_somebody_else_did(owner, role):
    read = str(role.shown)
    _edit(role, owner, name="Other", version=read)

    with pytest.raises(Stale):
        _edit(role, owner, name="Third", version=read)


def test_edit_refuses_to_touch_or_grant_more_than_one_holds(tree, role):
    composer = CustomRoleFactory(
        organization=tree.acme,
        permissions=["view_organization", "view_workspace", "manage_custom_roles"],
    )
    by = _hold(composer, tree.acme).user
    harmless = CustomRoleFactory(organization=tree.acme, permissions=["view_workspace"])

    with refused("more_than_you_hold", "role"):
        _edit(role, by, permissions=[P.VIEW_WORKSPACE])
    with refused("more_than_you_hold", "role"):
        _edit(harmless, by, permissions=[P.ADD_APPLICATION])
    assert _edit(harmless, by, name="Reader").name == "Reader"
    _hold(harmless, tree.shop)
    with refused("more_than_you_hold", "role"):
        _edit(harmless, by, name="Watcher")


def test_edit_refuses_ones_own_role(tree, owner):
    own = CustomRoleFactory(organization=tree.acme, permissions=["view_workspace"])
    _hold(own, tree.shop, user=owner)

    with refused("own"):
        _edit(own, owner, name="Other")
    with refused("own"):
        custom_roles.delete(own, by=owner, replacement=Role.VIEWER)


@pytest.mark.parametrize("factory", [MembershipFactory, InvitationFactory])
def test_edit_refuses_to_hide_what_it_is_held_on(tree, owner, role, factory):
    factory(node=tree.shop, role=Role.CUSTOM, custom_role=role)

    with refused("unfit_role", "permissions"):
        _edit(role, owner, permissions=[P.VIEW_ORGANIZATION])


# --- Deleting ------------------------------------------------------------------------------------


def test_delete_what_nobody_has(tree, owner, role, recorded):
    custom_roles.delete(role, by=owner)

    assert not CustomRole.objects.in_use().exists()
    assert recorded() == ["custom_role.delete"]
    assert custom_roles.create(tree.acme, name="Builder", permissions=BUILDER, by=owner)


def test_delete_gives_holders_and_invited_people_another_role(tree, owner, role):
    users = [_hold(role, tree.shop).user, _hold(role, tree.press).user]
    offer = InvitationFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role)
    past = InvitationFactory(node=tree.press, role=Role.CUSTOM, custom_role=role)
    type(past).objects.filter(pk=past.pk).update(state=State.REVOKED, decided_at=past.created_at)

    custom_roles.delete(role, by=owner, replacement=Role.MAINTAINER)

    offer.refresh_from_db()
    past.refresh_from_db()
    assert {m.role for m in Membership.objects.filter(user__in=users)} == {Role.MAINTAINER}
    assert (offer.role, past.custom_role) == (Role.MAINTAINER, role)
    assert not _may(users[0], P.ADD_APPLICATION, tree.shop)
    assert _may(users[0], P.VIEW_WORKSPACE_MEMBER, tree.shop)
    assert grants.resync(check=True) == []
    changes = changes_told(AuditEvent.objects.get())
    assert changes["replacement"] == [None, "maintainer"]
    names = [audit.label_of(user) for user in users[:2]]
    assert changes["holders"][0] == [f"{names[0]}, Shop", f"{names[1]}, Press"]


@pytest.mark.parametrize("factory", [MembershipFactory, InvitationFactory])
def test_delete_asks_what_becomes_of_those_who_have_it(tree, owner, role, factory):
    factory(node=tree.shop, role=Role.CUSTOM, custom_role=role)

    with refused("in_use", "replacement"):
        custom_roles.delete(role, by=owner)
    with refused("same_role", "replacement"):
        custom_roles.delete(role, by=owner, replacement=role)


def test_delete_refuses_an_unfit_replacement(tree, owner, role):
    _hold(role, tree.shop)
    of_organization = CustomRoleFactory(organization=tree.acme)

    with refused("unfit_role", "role"):
        custom_roles.delete(role, by=owner, replacement=of_organization)


def test_holders_in_the_trash_are_no_obstacle(tree, owner, role):
    _hold(role, tree.shop)
    nodes.delete(tree.shop, by=owner)

    assert _edit(role, owner, permissions=[P.VIEW_WORKSPACE]).permissions == ["view_workspace"]
    custom_roles.delete(role, by=owner, replacement=Role.VIEWER)


def test_an_offer_of_a_deleted_role_can_not_be_brought_back(tree, owner, role, outsider):
    offer = InvitationFactory(
        node=tree.shop,
        role=Role.CUSTOM,
        custom_role=role,
        email=outsider.email,
        invited_by=owner,
        state=State.EXPIRED,
        decided_at=timezone.now(),
    )
    custom_roles.delete(role, by=owner)

    for renew in (invitations.resend, invitations.copy_link):
        with refused("unfit_role", "role"):
            renew(offer, by=owner)
    assert invitations.revoke(offer, by=owner)


def test_a_deleted_role_is_gone(tree, owner, viewer, role):
    custom_roles.delete(role, by=owner)

    for act in (
        lambda: _edit(role, owner, name="Other"),
        lambda: custom_roles.delete(role, by=owner),
    ):
        with refused("gone"):
            act()
    with pytest.raises(Refused, match=f"The organization no longer has a role {role}."):
        memberships.change_role(Membership.objects.get(user=viewer), role, by=owner)


def test_grants_of_many_holders_follow_in_few_queries(tree, owner, role, django_assert_num_queries):
    people = [_hold(role, tree.shop).user_id for _ in range(30)]
    Membership.objects.filter(user__in=people).update(role=Role.VIEWER, custom_role=None)

    with django_assert_num_queries(3):  # memberships, grants, and those that are added
        grants.derive_all(people, tree.acme)

    assert grants.resync(check=True) == []


def test_replacing_asks_as_often_for_many_nodes_as_for_one(
    tree, owner, role, django_assert_max_num_queries
):
    first, second, third = (
        CustomRoleFactory(organization=tree.acme, permissions=["view_workspace"]) for _ in range(3)
    )
    _hold(first, tree.shop)
    for node in WorkspaceFactory.create_batch(5, organization=tree.acme):
        _hold(second, node)

    with CaptureQueriesContext(connection) as one:
        custom_roles.delete(first, by=owner, replacement=third)
    with django_assert_max_num_queries(len(one)):
        custom_roles.delete(second, by=owner, replacement=third)


def test_only_an_owner_deletes_what_a_domain_gives(tree, owner):
    less = CustomRoleFactory(organization=tree.acme, permissions=["view_organization"])
    composer = CustomRoleFactory(
        organization=tree.acme, permissions=["view_organization", "manage_custom_roles"]
    )
    domain = EmailDomainFactory(node=tree.acme, role=Role.CUSTOM, custom_role=less)
    by = _hold(composer, tree.acme).user

    with refused("not_allowed"):
        custom_roles.delete(less, by=by)

    custom_roles.delete(less, by=owner)
    domain.refresh_from_db()
    assert domain.role == Role.VIEWER
