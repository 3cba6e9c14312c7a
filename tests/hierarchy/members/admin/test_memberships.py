"""Who is a member as what, in the admin."""

from datetime import UTC, datetime

import pytest

from hierarchy.models import AuditEvent, Membership, Status
from hierarchy.roles import Role
from tests.factories import CustomRoleFactory, MembershipFactory, UserFactory
from tests.support.admin_forms import errors, filled, list_url, messages, send, url
from tests.support.refusals import snapshot

ADD = "/admin/hierarchy/membership/add/"


@pytest.fixture
def membership(tree):
    return MembershipFactory(user__email="ada@example.com", node=tree.shop, role=Role.VIEWER)


def _only_owner(tree):
    return Membership.objects.get(user__email="first@example.com")


@pytest.mark.parametrize(
    ("path", "level"),
    [
        ({"organization": "acme"}, "organization"),
        ({"workspace": "shop"}, "workspace"),
        ({"application": "production"}, "application"),
        ({"organization": "acme", "workspace": "shop", "application": "production"}, "application"),
    ],
)
def test_add_somebody_at_any_level(admin, staff, tree, outsider, path, level):
    data = {name: getattr(tree, node).pk for name, node in path.items()}

    response = admin.post(ADD, data | {"user": outsider.pk, "role": "manager"})

    assert response.status_code == 302
    added = Membership.objects.get(user=outsider)
    assert (added.level, added.role, added.invited_by) == (level, "manager", staff)
    page = admin.get(f"/admin/hierarchy/membership/{added.pk}/change/").content.decode()
    assert "Added by staff: Staff" in page
    assert AuditEvent.objects.get().action == "membership.add"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ({}, "Choose an organization, a workspace or an application."),
        (
            {"workspace": "press", "application": "production"},
            "Web doesn't belong to the rest of your choice.",
        ),
    ],
)
def test_add_tells_what_is_wrong_with_the_place(admin, tree, outsider, path, sentence):
    data = {name: getattr(tree, node).pk for name, node in path.items()}

    response = admin.post(ADD, data | {"user": outsider.pk, "role": "viewer"})

    assert errors(response) == [sentence]
    assert not Membership.objects.filter(user=outsider).exists()


@pytest.mark.parametrize(("hour", "offset"), [(0, "+02:00"), (1, "+01:00")])
def test_show_an_instant_of_a_repeated_hour_with_its_offset(admin, staff, membership, hour, offset):
    staff.time_zone = "Europe/Rome"
    staff.save()
    end = datetime(2027, 10, 31, hour, 30, tzinfo=UTC)
    Membership.objects.filter(pk=membership.pk).update(ends_at=end)

    page = admin.get(url(membership)).content.decode()

    assert f"31 October 2027, 02:30 ({offset})" in page


def test_add_tells_why_not(admin, tree, membership):
    data = {"workspace": tree.shop.pk, "user": membership.user.pk, "role": "viewer"}

    response = admin.post(ADD, data)

    assert errors(response) == [f"{membership.user} is already a member of Shop."]


def test_add_is_for_staff_who_may_do_so_everywhere(enter_admin, limited):
    browser = enter_admin(limited)

    assert browser.get(ADD).status_code == 403
    assert browser.post(ADD, {}).status_code == 403


def test_add_offers_no_custom_role_without_a_name(admin, tree, outsider):
    data = {"workspace": tree.shop.pk, "user": outsider.pk, "role": "custom"}

    response = admin.post(ADD, data)

    assert errors(response) == [
        "Select a valid choice. custom is not one of the available choices."
    ]


def test_change_leaves_a_custom_role_that_nobody_touches(admin, membership):
    role = CustomRoleFactory(organization=membership.organization, name="Release captain")
    Membership.objects.filter(pk=membership.pk).update(role=Role.CUSTOM, custom_role=role)

    page = admin.get(url(membership))
    response = send(admin, url(membership))

    choices = dict(page.context["adminform"].form.fields["role"].choices)
    assert choices["custom"] == "Release captain"
    assert response.status_code == 302
    membership.refresh_from_db()
    assert membership.given_role == role
    assert not AuditEvent.objects.exists()


def test_change_takes_a_custom_role_away(admin, membership):
    role = CustomRoleFactory(organization=membership.organization)
    Membership.objects.filter(pk=membership.pk).update(role=Role.CUSTOM, custom_role=role)

    send(admin, url(membership), role="manager")

    membership.refresh_from_db()
    assert membership.given_role == Role.MANAGER


def test_change_offers_no_custom_role_without_a_name(admin, membership):
    response = send(admin, url(membership), role="custom")

    assert errors(response) == [
        "Select a valid choice. custom is not one of the available choices."
    ]


def test_change_the_role(admin, membership):
    response = send(admin, url(membership), role="manager")

    assert response.status_code == 302
    membership.refresh_from_db()
    assert membership.role == "manager"
    assert AuditEvent.objects.get().changes == {"role": ["viewer", "manager"]}


def test_change_nothing_but_the_role(admin, membership, tree):
    stranger = UserFactory()

    send(admin, url(membership), user=stranger.pk, status="suspended", workspace=tree.press.pk)

    membership.refresh_from_db()
    assert (membership.user.email, membership.status) == ("ada@example.com", "active")
    assert membership.workspace == tree.shop


def test_demoting_the_last_owner_shows_the_sentence_and_changes_nothing(admin, tree):
    before = snapshot()

    response = send(admin, url(_only_owner(tree)), role="viewer")

    sentence = "Acme needs an active owner. Make someone else an owner first."
    assert errors(response) == [sentence]
    assert snapshot() == before


@pytest.mark.parametrize("verb", ["suspend", "remove"])
def test_losing_the_last_owner_shows_the_sentence_and_changes_nothing(admin, tree, verb):
    before = snapshot()

    response = admin.post(url(_only_owner(tree), verb), follow=True)

    sentence = "Acme needs an active owner. Make someone else an owner first."
    assert messages(response) == [sentence]
    assert snapshot() == before


def test_limited_staff_hand_out_no_more_than_they_hold(enter_admin, limited, membership):
    response = send(enter_admin(limited), url(membership), role="owner")

    (sentence,) = errors(response)
    assert sentence.startswith("You can't give or change more than you hold yourself")
    membership.refresh_from_db()
    assert membership.role == "viewer"


def test_suspend_reactivate_and_remove(admin, membership):
    admin.post(url(membership, "suspend"))
    membership.refresh_from_db()
    assert membership.status == Status.SUSPENDED
    admin.post(url(membership, "reactivate"))
    response = admin.post(url(membership, "remove"), follow=True)

    assert response.redirect_chain[-1][0] == list_url(Membership)
    assert not Membership.objects.filter(pk=membership.pk).exists()
    assert [event.action for event in AuditEvent.objects.order_by("id")] == [
        "membership.suspend",
        "membership.reactivate",
        "membership.remove",
    ]


def test_suspend_many(admin, tree, membership):
    chosen = [membership.pk, _only_owner(tree).pk]
    data = {"action": "suspend_many", "_selected_action": chosen}

    response = admin.post(list_url(Membership), data, follow=True)

    assert len(messages(response)) == 2
    assert Membership.objects.filter(status=Status.SUSPENDED).get() == membership


def test_search_and_filter(admin, tree, membership):
    def people(**query):
        rows = admin.get(list_url(Membership), query).context["cl"].result_list
        return [row.user.email for row in rows]

    assert people(q="ADA") == ["ada@example.com"]
    assert people(q="da@example") == []
    assert people(role__exact="owner") == ["first@example.com"]
    assert people(organization__id__exact=tree.acme.pk) == ["ada@example.com", "first@example.com"]


def test_change_notices_that_somebody_else_has_saved(admin, membership):
    mine = filled(admin, url(membership)) | {"role": "maintainer"}
    Membership.objects.filter(pk=membership.pk).update(role=Role.MANAGER)

    stale = admin.post(url(membership), mine)
    membership.refresh_from_db()
    kept = membership.role
    mine["version"] = stale.context["adminform"].form["version"].value()
    admin.post(url(membership), mine)
    membership.refresh_from_db()

    assert errors(stale)[0].startswith("Someone has changed this")
    assert (kept, membership.role) == (Role.MANAGER, Role.MAINTAINER)
