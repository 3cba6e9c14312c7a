"""Roles of the organization's own, in the console."""

from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hierarchy.members.views import role_holders
from hierarchy.models import CustomRole, Membership
from hierarchy.roles import Role
from tests.factories import (
    CustomRoleFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
)

NEW = "/o/acme/roles/new/"


@pytest.fixture
def role(tree):
    return CustomRoleFactory(
        organization=tree.acme, name="Builder", permissions=["view_workspace", "add_application"]
    )


def _page(role, name=""):
    return f"/o/acme/roles/{role.pk}/{name}"


def _ticks(**more):
    return {"name": "Builder", "on_workspace": ["add_application"], **more}


def test_compose_a_role(sign_in, owner, tree):
    client = sign_in(owner)

    response = client.post(NEW, _ticks(description="Makes applications."), follow=True)

    role = CustomRole.objects.get()
    assert role.permissions == ["view_workspace", "add_application"]
    assert response.redirect_chain == [(_page(role), 302)]
    assert "The role Builder can now be given on workspaces." in response.content.decode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"on_workspace": []}, "Choose at least one permission"),
        ({"name": "Owner"}, "is a built-in role"),
        ({"on_workspace": ["transcend"]}, "Select a valid choice"),
    ],
)
def test_compose_keeps_what_was_typed_when_refused(sign_in, owner, tree, data, sentence):
    response = sign_in(owner).post(NEW, _ticks(description="Makes things.") | data)

    content = response.content.decode()
    assert sentence in content
    assert "Makes things." in content
    assert not CustomRole.objects.exists()


def test_offer_only_what_the_composer_holds(sign_in, tree):
    composer = CustomRoleFactory(
        organization=tree.acme, permissions=["view_organization", "manage_custom_roles"]
    )
    user = MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=composer).user

    fields = sign_in(user).get(NEW).context["form"].fields

    assert [value for value, _label in fields["on_organization"].choices] == composer.permissions
    assert "on_workspace" not in fields


@pytest.mark.parametrize("actor", ["manager", "maintainer", "viewer"])
def test_compose_names_the_permission_that_is_missing(sign_in, actor, tree, request):
    response = sign_in(request.getfixturevalue(actor)).get(NEW)

    assert response.status_code == 403
    assert "manage_custom_roles" in response.content.decode()


def test_list_roles_with_the_number_of_their_holders(sign_in, owner, tree, role):
    MembershipFactory.create_batch(2, node=tree.shop, role=Role.CUSTOM, custom_role=role)

    content = sign_in(owner).get("/o/acme/roles/").content.decode()

    assert "Builder" in content
    assert "2 people" in content


def test_show_who_has_it(sign_in, manager, tree, role):
    holder = MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role).user

    response = sign_in(manager).get(_page(role))

    content = response.content.decode()
    assert holder.email in content
    assert "create applications" in content
    assert "Delete" not in content


def test_edit_shows_what_each_gains_and_loses_before_it_saves(sign_in, owner, tree, role):
    client = sign_in(owner)
    both = MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role).user
    MembershipFactory(node=tree.acme, role=Role.MANAGER, user=both)
    MembershipFactory(node=tree.press, role=Role.CUSTOM, custom_role=role)
    data = {"name": "Builder", "on_workspace": ["view_workspace", "delete_workspace"]}

    preview = client.post(_page(role, "edit/"), data)
    role.refresh_from_db()
    unchanged = list(role.permissions)
    client.post(_page(role, "edit/"), data | {"confirmed": preview.context["preview"]})
    role.refresh_from_db()

    assert _told(preview) == [
        (["delete_workspace"], []),  # what they lose, they hold as manager as well
        (["delete_workspace"], ["add_application"]),
    ]
    assert unchanged == ["view_workspace", "add_application"]
    assert role.permissions == ["view_workspace", "delete_workspace"]


def test_edit_nothing_when_somebody_got_the_role_after_the_preview(sign_in, owner, tree, role):
    client = sign_in(owner)
    url = _page(role, "edit/")
    MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role)
    data = {"name": "Builder", "on_workspace": ["view_workspace", "delete_workspace"]}
    shown = client.post(url, data).context["preview"]
    MembershipFactory(node=tree.press, role=Role.CUSTOM, custom_role=role)

    refusal = client.post(url, data | {"confirmed": shown})
    role.refresh_from_db()
    unchanged = list(role.permissions)
    client.post(url, data | {"confirmed": client.post(url, data).context["preview"]})
    role.refresh_from_db()

    assert refusal.status_code == 409
    assert unchanged == ["view_workspace", "add_application"]
    assert role.permissions == ["view_workspace", "delete_workspace"]


def test_edit_asks_though_only_somebody_who_is_not_shown_feels_it(
    sign_in, owner, tree, role, monkeypatch
):
    monkeypatch.setattr(role_holders, "MOST_SHOWN", 1)
    both = MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role).user
    MembershipFactory(node=tree.acme, role=Role.OWNER, user=both)
    MembershipFactory(node=tree.press, role=Role.CUSTOM, custom_role=role)
    data = {"name": "Builder", "on_workspace": ["view_workspace", "delete_workspace"]}

    preview = sign_in(owner).post(_page(role, "edit/"), data)

    assert "And 1 other person." in preview.content.decode()
    role.refresh_from_db()
    assert role.permissions == ["view_workspace", "add_application"]


def test_edit_the_words_alone_saves_at_once(sign_in, owner, tree, role):
    MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role)

    sign_in(owner).post(_page(role, "edit/"), _ticks(name="Maker"))

    role.refresh_from_db()
    assert role.name == "Maker"


def test_edit_what_nobody_has_saves_at_once(sign_in, owner, role):
    sign_in(owner).post(_page(role, "edit/"), _ticks(name="Maker"))

    role.refresh_from_db()
    assert role.name == "Maker"


def test_edit_after_somebody_else_shows_both_versions(sign_in, owner, role):
    read = str(role.shown)
    CustomRole.objects.update(permissions=["view_workspace", "change_workspace"])
    client = sign_in(owner)
    url = _page(role, "edit/")

    stale = client.post(url, _ticks(name="Maker", version=read))
    role.refresh_from_db()
    kept = role.name
    client.post(url, _ticks(name="Maker", version=stale.context["form"].data["version"]))
    role.refresh_from_db()

    assert (stale.status_code, kept, role.name) == (409, "Builder", "Maker")
    assert "Someone has changed this since you opened it." in stale.content.decode()
    assert ("Name", "Maker", "Builder") in list(stale.context["form"].versions.values())
    assert len(list(stale.context["form"].versions.values())) == 2


def test_delete_asks_what_holders_become(sign_in, owner, tree, role):
    client = sign_in(owner)
    holder = MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role)

    asked = client.post(_page(role, "delete/"), {})
    _delete(client, role, "viewer")

    assert "This field is required." in asked.content.decode()
    assert Membership.objects.get(pk=holder.pk).role == Role.VIEWER
    assert client.get(_page(role)).status_code == 404


def _delete(client, role, replacement):
    """Delete a role with holders as people do: they see what it does first."""
    data = {"replacement": replacement}
    preview = client.post(_page(role, "delete/"), data)
    return client.post(_page(role, "delete/"), data | {"confirmed": preview.context["preview"]})


@pytest.mark.parametrize("change", ["role", "replacement", "holders"])
def test_delete_nothing_when_the_preview_is_out_of_date(sign_in, owner, tree, role, change):
    client = sign_in(owner)
    url = _page(role, "delete/")
    holder = MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role)
    other = CustomRoleFactory(organization=tree.acme, name="Doer", permissions=["view_workspace"])
    data = {"replacement": f"custom-{other.pk}"}
    version = client.post(url, data).context["preview"]
    if change == "holders":
        MembershipFactory(node=tree.press, role=Role.CUSTOM, custom_role=role)
    else:
        changed = role if change == "role" else other
        changed.permissions = ["view_workspace", "delete_workspace"]
        changed.save()

    refusal = client.post(url, data | {"confirmed": version})
    holder.refresh_from_db()

    assert refusal.status_code == 409
    assert holder.custom_role == role
    assert _delete(client, role, f"custom-{other.pk}").status_code == 302


def test_delete_shows_what_each_gains_and_loses_before_it_deletes(sign_in, owner, tree, role):
    client = sign_in(owner)
    url = _page(role, "delete/")
    both = MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role).user
    MembershipFactory(node=tree.acme, role=Role.MANAGER, user=both)
    holder = MembershipFactory(node=tree.press, role=Role.CUSTOM, custom_role=role)
    InvitationFactory(node=tree.press, role=Role.CUSTOM, custom_role=role)
    other = CustomRoleFactory(
        organization=tree.acme, name="Doer", permissions=["view_workspace", "delete_workspace"]
    )
    data = {"replacement": f"custom-{other.pk}"}

    preview = client.post(url, data)
    back = client.post(url, data | {"again": "yes"})
    role.refresh_from_db()
    was_kept = role.deleted_at is None
    client.post(url, data | {"confirmed": preview.context["preview"]})
    holder.refresh_from_db()

    content = preview.content.decode()
    assert "Doer instead of Builder" in content
    assert "2 people have this role" in content
    assert "1 open invitation will offer Doer from then on." in content
    assert f'<input type="hidden" name="replacement" value="custom-{other.pk}"' in content
    assert _told(preview) == [
        (["delete_workspace"], []),  # what they lose, they hold as manager as well
        (["delete_workspace"], ["add_application"]),
    ]
    assert 'name="confirmed"' not in back.content.decode()
    assert was_kept
    assert holder.custom_role == other


def test_delete_what_is_only_offered_at_once(sign_in, owner, tree, role):
    offer = InvitationFactory(node=tree.press, role=Role.CUSTOM, custom_role=role)

    sign_in(owner).post(_page(role, "delete/"), {"replacement": "viewer"})

    offer.refresh_from_db()
    assert offer.role == Role.VIEWER


@pytest.fixture
def composer(tree):
    """Composes roles, and sees the members of the workspace Shop alone."""
    compose = ["view_organization", "view_organization_member", "manage_custom_roles"]
    composing = CustomRoleFactory(
        organization=tree.acme, permissions=[*compose, "view_workspace", "add_application"]
    )
    person = MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=composing).user
    MembershipFactory(node=tree.shop, role=Role.MAINTAINER, user=person)
    return person


@pytest.mark.parametrize(
    ("page", "data"),
    [
        ("edit/", {"name": "Builder", "on_workspace": ["view_workspace"]}),
        ("delete/", {"replacement": "viewer"}),
    ],
)
def test_previews_name_only_whom_one_may_see_and_count_people(
    sign_in, composer, tree, role, page, data
):
    seen = MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role)
    also = {"node": tree.press, "role": Role.CUSTOM, "custom_role": role}
    MembershipFactory(user=seen.user, **also)
    unseen = MembershipFactory(user__email="unseen@example.com", **also).user
    client = sign_in(composer)

    preview = client.post(_page(role, page), data)
    content = preview.content.decode()

    assert "2 people have this role" in content
    assert "2 people have it in places where you can't see the members." in unescape(content)
    assert [effect.membership for effect in preview.context["effects"].shown] == [seen]
    assert unseen.email not in content
    assert "Press" not in _main(content)
    assert "other person" not in content
    assert "2 people" in client.get("/o/acme/roles/").content.decode()


def _main(content):
    return content.partition("<main")[2]


def _told(preview):
    return [
        ([p.value for p in effect.gains], [p.value for p in effect.loses])
        for effect in preview.context["effects"].shown
    ]


@pytest.mark.parametrize(
    ("page", "data"),
    [
        ("edit/", {"name": "Builder", "on_workspace": ["view_workspace"]}),
        ("delete/", {"replacement": "viewer"}),
    ],
)
def test_previews_cost_the_same_for_many(
    sign_in, owner, tree, role, page, data, django_assert_num_queries
):
    client = sign_in(owner)
    MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role)
    client.post(_page(role, page), data)
    with CaptureQueriesContext(connection) as few:
        client.post(_page(role, page), data)
    MembershipFactory.create_batch(20, node=tree.shop, role=Role.CUSTOM, custom_role=role)

    with django_assert_num_queries(len(few)):
        client.post(_page(role, page), data)


def test_delete_offers_only_what_suits_where_it_is_held(sign_in, owner, tree, role):
    MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role)
    unfit = CustomRoleFactory(organization=tree.acme, permissions=["view_organization"])
    fit = CustomRoleFactory(organization=tree.acme, permissions=["view_workspace"])

    page = sign_in(owner).get(_page(role, "delete/"))

    offered = page.context["form"].fields["replacement"].offered.values()
    assert fit in offered
    assert unfit not in offered
    assert "0 open invitations" not in page.content.decode()


def test_say_where_it_can_be_given(sign_in, owner, tree):
    role = CustomRoleFactory(
        organization=tree.acme, permissions=["view_organization", "view_application"]
    )
    client = sign_in(owner)

    assert "on the organization and applications." in client.get(_page(role)).content.decode()
    assert "lets people see the place" in client.get(NEW).content.decode()


def test_edit_goes_back_from_the_preview_with_what_was_typed(sign_in, owner, tree, role):
    MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role)
    data = {"name": "Maker", "on_workspace": ["delete_workspace"]}
    client = sign_in(owner)

    preview = client.post(_page(role, "edit/"), data)
    form = client.post(_page(role, "edit/"), data | {"again": "yes"}).context["form"]

    assert 'name="again"' in preview.content.decode()
    assert form["name"].value() == "Maker"
    assert form["on_workspace"].value() == ["delete_workspace"]
    role.refresh_from_db()
    assert role.name == "Builder"


def test_delete_says_what_people_of_a_domain_become(sign_in, owner, role):
    EmailDomainFactory(
        organization=role.organization, domain="example.org", role=Role.CUSTOM, custom_role=role
    )

    page = sign_in(owner).get(_page(role, "delete/")).content.decode()

    assert "People who join from example.org get this role now" in page


def test_delete_what_nobody_has(sign_in, owner, role):
    response = sign_in(owner).post(_page(role, "delete/"), follow=True)

    assert "The role Builder has been deleted." in response.content.decode()


def test_roles_of_another_organization_are_not_there(sign_in, owner, tree):
    other = CustomRoleFactory()

    for name in ("", "edit/", "delete/"):
        assert sign_in(owner).get(_page(other, name)).status_code == 404


def test_choose_it_for_a_member(sign_in, owner, tree, viewer, role):
    role.permissions = ["view_organization"]
    role.save()
    membership = Membership.objects.get(user=viewer)

    sign_in(owner).post(
        f"/o/acme/members/{membership.pk}/role/", {"role": f"custom-{role.pk}"}, follow=True
    )

    membership.refresh_from_db()
    assert membership.custom_role == role


def test_name_only_holders_whom_one_may_see(sign_in, tree, role):
    there = MembershipFactory(node=tree.press, role=Role.CUSTOM, custom_role=role).user
    seer = CustomRoleFactory(
        organization=tree.acme, permissions=["view_organization", "view_organization_member"]
    )
    person = MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=seer).user

    content = sign_in(person).get(_page(role)).content.decode()

    assert there.email not in content
    assert "1 person has it in a place where you can" in content
    assert "Nobody has it yet" not in content
