"""Organizations, workspaces and applications: their forms, settings and buttons."""

import time
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import Permission as DjangoPermission
from django.utils import timezone

from config.web.session_life import SIGNED_IN_AT
from hierarchy.models import (
    Application,
    AuditEvent,
    Membership,
    Organization,
    SettingValue,
    Status,
    Workspace,
)
from hierarchy.roles import Role
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory, WorkspaceFactory
from tests.support.acting import nodes
from tests.support.admin_forms import errors, filled, list_url, messages, send, url
from tests.support.proofs import note_proof
from tests.support.refusals import snapshot

NODES = pytest.mark.parametrize("name", ["acme", "shop", "production"])


@NODES
def test_edit_saves_and_leaves_one_event(admin, staff, tree, name):
    node = getattr(tree, name)

    response = send(admin, url(node), name="Renamed")

    assert response.status_code == 302
    node.refresh_from_db()
    assert (node.name, node.version) == ("Renamed", 2)
    event = AuditEvent.objects.get()
    assert event.action == f"{node.level}.edit"
    assert (event.actor_id, event.door) == (staff.pk, "admin")
    assert list(event.changes) == ["name"]


def test_edit_saves_nothing_that_is_not_changed(admin, tree):
    before = snapshot()

    send(admin, url(tree.shop))

    assert snapshot() == before


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("slug", "press", "“press” is already taken."),
        (
            "slug",
            "Not a slug",
            "Use lowercase letters and digits, with single hyphens between them.",
        ),
        ("name", "x", "Enter 2 to 60 characters."),
        ("website", "javascript:alert(1)", "Enter a valid URL."),
    ],
)
def test_edit_tells_what_is_wrong_and_keeps_the_input(admin, tree, field, value, sentence):
    before = snapshot()

    response = send(admin, url(tree.shop), **{field: value})

    assert response.status_code == 200
    assert errors(response) == [sentence]
    assert response.context["adminform"].form[field].value() == value
    assert snapshot() == before


def test_edit_refuses_what_is_suspended(admin, tree, staff):
    nodes.suspend(tree.acme, by=staff)

    response = send(admin, url(tree.shop), name="Renamed")

    sentence = "Acme is suspended. Nothing can be changed until it is resumed."
    assert errors(response) == [sentence]


def test_edit_shows_what_somebody_else_has_saved_and_saves_the_second_time(admin, tree, staff):
    mine = filled(admin, url(tree.shop)) | {"name": "Mine"}
    nodes.edit(tree.shop, by=staff, name="Theirs")

    response = admin.post(url(tree.shop), mine)

    assert errors(response) == [
        "Someone has changed this since you opened it.",
        "Your version: Mine. Current version: Theirs.",
    ]
    form = response.context["adminform"].form
    again = {field.html_name: field.value() or "" for field in form}
    assert admin.post(url(tree.shop), again).status_code == 302
    tree.shop.refresh_from_db()
    assert tree.shop.name == "Mine"


def test_create_no_organization_which_staff_would_own(admin):
    assert admin.get(list_url(Organization, "add")).status_code == 403


def test_create_a_workspace(admin, tree):
    data = {"organization": tree.acme.pk, "name": "Depot", "slug": "depot", "website": ""}

    response = admin.post(list_url(Workspace, "add"), data)

    assert response.status_code == 302
    assert Workspace.objects.get(slug="depot").organization == tree.acme
    assert AuditEvent.objects.get().action == "workspace.create"


def test_create_an_application(admin, tree):
    data = {
        "workspace": tree.press.pk,
        "environment": "staging",
        "name": "Kiosk",
        "slug": "kiosk",
        "platform": "desktop",
        "bundle_id": "com.example.kiosk",
    }

    response = admin.post(list_url(Application, "add"), data)

    assert response.status_code == 302
    created = Application.objects.get(slug="kiosk")
    assert (created.organization, created.environment) == (tree.acme, "staging")
    assert AuditEvent.objects.get().action == "application.create"


def test_create_tells_why_not(admin, tree):
    data = {"organization": tree.acme.pk, "name": "Shop", "slug": "shop"}

    response = admin.post(list_url(Workspace, "add"), data)
    renamed = send(admin, url(OrganizationFactory()), slug="acme")

    assert errors(response) == ["“shop” is already taken."]
    assert errors(renamed) == ["“acme” is already taken."]


def test_create_under_an_unseen_parent_is_answered_as_under_none(enter_admin, tree, limited):
    browser = enter_admin(limited)
    data = {"environment": "staging", "name": "Kiosk", "slug": "kiosk", "platform": "web"}

    unseen = browser.post(list_url(Application, "add"), data | {"workspace": tree.press.pk})
    absent = browser.post(list_url(Application, "add"), data | {"workspace": 999_999})

    assert errors(unseen) == errors(absent)
    assert Application.objects.filter(slug="kiosk").count() == 0


@NODES
def test_buttons_suspend_resume_delete_and_restore(admin, tree, name):
    node = getattr(tree, name)

    for verb, label in (
        ("suspend", f"{node.name} has been suspended."),
        ("resume", f"{node.name} has been resumed."),
    ):
        assert messages(admin.post(url(node, verb), follow=True)) == [label]
    gone = admin.post(url(node, "delete"), {"confirmation": node.name}, follow=True)
    back = admin.post(url(node, "restore"), follow=True)

    assert messages(gone) == [f"{node.name} has been moved to the trash."]
    assert messages(back) == [f"{node.name} has been restored, along with everything in it."]
    verbs = ("suspend", "resume", "delete", "restore")
    assert [event.action for event in AuditEvent.objects.order_by("id")] == [
        f"{node.level}.{verb}" for verb in verbs
    ]


def test_buttons_do_nothing_on_a_get(admin, tree):
    before = snapshot()

    for verb in ("suspend", "resume", "delete", "restore"):
        assert admin.get(url(tree.shop, verb)).status_code == 200

    assert snapshot() == before


def test_delete_wants_the_name_typed(admin, tree):
    response = admin.post(url(tree.shop, "delete"), {"confirmation": "shop"})

    assert "Type the name exactly as shown." in response.content.decode()
    tree.shop.refresh_from_db()
    assert not tree.shop.is_deleted


def test_delete_wants_a_proof_after_an_old_sign_in(admin, tree, staff):
    session = admin.session
    del session["account_authentication_methods"]
    session[SIGNED_IN_AT] = time.time() - 60 * 60
    session.save()
    note_proof(admin, staff, seconds_ago=60 * 60)

    response = admin.get(url(tree.shop, "delete"), follow=True)

    assert [unquote(to) for to, _status in response.redirect_chain] == [
        f"/accounts/reauthenticate/?next={url(tree.shop, 'delete')}",
        f"/accounts/2fa/reauthenticate/?next={url(tree.shop, 'delete')}",
    ]


def test_buttons_offer_what_the_state_allows(admin, tree, staff):
    def offered(node):
        page = admin.get(url(node)).context
        return [button["path"].split("/")[-2] for button in page["actions_detail"]]

    assert offered(tree.shop) == ["suspend", "delete"]
    nodes.suspend(tree.shop, by=staff)
    assert offered(tree.shop) == ["resume", "delete"]
    nodes.resume(tree.shop, by=staff)
    nodes.delete(tree.shop, by=staff)
    assert offered(tree.shop) == ["restore"]
    assert offered(tree.production) == []


def test_bulk_actions_tell_of_each_row(admin, tree):
    asleep = WorkspaceFactory(organization=tree.acme, name="Asleep", suspended_at=timezone.now())
    chosen = [tree.shop.pk, tree.press.pk, asleep.pk]
    data = {"action": "suspend_many", "_selected_action": chosen}

    response = admin.post(list_url(Workspace), data, follow=True)

    assert sorted(messages(response)) == [
        "Asleep is suspended. Nothing can be changed until it is resumed.",
        "Press has been suspended.",
        "Shop has been suspended.",
    ]
    assert AuditEvent.objects.filter(action="workspace.suspend").count() == 2


def test_bulk_actions_refuse_what_limited_staff_may_not(enter_admin, tree, limited):
    browser = enter_admin(limited)
    data = {"action": "suspend_many", "_selected_action": [tree.shop.pk, tree.press.pk]}

    response = browser.post(list_url(Workspace), data, follow=True)

    assert messages(response) == ["You don't have permission to suspend and delete the workspace."]
    assert Workspace.objects.filter(suspended_at=None).count() == 2


def test_settings_change_one_group_and_leave_one_event(admin, tree):
    page = url(tree.production, "settings", "security")

    response = send(admin, page, max_token_age_source="own", max_token_age="3600")

    assert response.status_code == 302
    assert SettingValue.objects.get().value == 3600
    event = AuditEvent.objects.get()
    assert (event.action, event.changes) == ("settings.change", {"max_token_age": [None, 3600]})


def test_settings_show_where_a_value_comes_from(admin, tree):
    send(
        admin, url(tree.shop, "settings", "privacy"), retention_days_source="own", retention_days=7
    )

    page = admin.get(url(tree.production, "settings", "privacy")).content.decode()

    assert "<strong>7 days</strong>" in page
    assert "from Shop" in page


def test_settings_tell_what_is_wrong(admin, tree):
    page = url(tree.production, "settings", "security")

    response = send(admin, page, max_token_age_source="own", max_token_age="1")

    assert "Ensure this value is greater than or equal to 60." in response.content.decode()
    assert not SettingValue.objects.exists()


def test_settings_notice_that_somebody_else_has_saved(admin, tree):
    page = url(tree.shop, "settings", "privacy")
    mine = filled(admin, page) | {"retention_days_source": "own", "retention_days": 8}
    send(admin, page, retention_days_source="own", retention_days=7)

    response = admin.post(page, mine)

    assert "Someone has changed this since you opened it." in response.content.decode()
    assert SettingValue.objects.get().value == 7
    mine["version"] = response.context["form"]["version"].value()
    assert admin.post(page, mine).status_code == 302
    assert SettingValue.objects.get().value == 8


def test_settings_lock_what_takes_more_than_the_person_holds(enter_admin, tree, limited):
    browser = enter_admin(limited)
    page = url(tree.production, "settings", "security")

    assert browser.get(page).context["form"].locked == {"require_signed_token"}
    send(browser, page, require_signed_token_source="own", require_signed_token="false")

    assert not SettingValue.objects.exists()


def test_settings_are_read_only_without_the_permission_to_change(enter_admin, tree):
    reader = MembershipFactory(user__is_staff=True, node=tree.production, role=Role.MAINTAINER).user
    page = url(tree.production, "settings", "privacy")
    browser = enter_admin(reader)

    browser.post(page, filled(browser, page) | {"retention_days_source": "own"})

    assert not SettingValue.objects.exists()
    assert "Save" not in browser.get(page).content.decode()


def test_production_takes_one_permission_more(enter_admin, tree):
    clerk = UserFactory(is_staff=True)
    wanted = ["view_application", "change_application"]
    clerk.user_permissions.add(*DjangoPermission.objects.filter(codename__in=wanted))
    browser = enter_admin(clerk)

    assert send(browser, url(tree.development), name="Renamed").status_code == 302
    assert browser.post(url(tree.production), {"name": "Renamed"}).status_code == 403


def test_people_show_who_holds_what_and_from_where(admin, tree, guest):
    MembershipFactory(user=guest, node=tree.production, role=Role.OWNER, status=Status.SUSPENDED)

    rows = admin.get(url(tree.production, "people")).context["memberships"]

    assert {(row.user.email, str(row.node), row.role) for row in rows} == {
        ("first@example.com", "Acme", "owner"),
        ("guest@example.com", "Shop", "maintainer"),
        ("guest@example.com", "Web", "owner"),
    }
    assert Membership.objects.count() == 3


@pytest.mark.parametrize(
    ("term", "found"), [("sho", ["Shop"]), ("SHOP", ["Shop"]), ("hop", []), ("", ["Press", "Shop"])]
)
def test_search_by_the_beginning_of_the_name(admin, tree, term, found):
    rows = admin.get(list_url(Workspace), {"q": term}).context["cl"].result_list

    assert [row.name for row in rows] == found


def test_search_by_public_id(admin, tree):
    rows = admin.get(list_url(Workspace), {"q": str(tree.press.public_id)}).context["cl"]

    assert [row.name for row in rows.result_list] == ["Press"]


def test_filter_by_state_and_organization(admin, tree, staff):
    OrganizationFactory(name="Other")
    nodes.suspend(tree.shop, by=staff)
    nodes.delete(tree.press, by=staff)

    def names(**query):
        rows = admin.get(list_url(Workspace), query).context["cl"].result_list
        return [row.name for row in rows]

    assert names(state="suspended") == ["Shop"]
    assert names(state="trash") == ["Press"]
    assert names(state="active") == []
    assert names(organization__id__exact=tree.acme.pk) == ["Press", "Shop"]
