"""What staff try and may not do, in the record of the node that they tried it on."""

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as DjangoPermission
from django.core.cache import cache
from django.urls import reverse

from hierarchy import audit
from hierarchy.models import AuditEvent, Membership
from hierarchy.roles import Role
from tests.factories import MembershipFactory, UserFactory
from tests.support.admin_forms import filled, url


def _page(name, row):
    return reverse(f"admin:hierarchy_workspace_{name}", args=[row.pk])


def test_note_what_staff_try_and_may_not(enter_admin, tree):
    cache.clear()
    clerk = MembershipFactory(node=tree.shop, role=Role.VIEWER, user__is_staff=True).user
    client = enter_admin(clerk)

    answers = [
        client.get(_page("suspend", tree.shop)),
        client.post(_page("suspend", tree.shop)),
        client.post(_page("change", tree.shop), {}),
        client.post(_page("change", tree.press), {}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    events = AuditEvent.objects.filter(action=audit.REFUSED).order_by("id")
    assert [(e.actor_id, e.door, e.node_label, audit.describe(e)) for e in events] == [
        (clerk.pk, "admin", "Acme / Shop", "was refused: Suspend: workspace"),
        (clerk.pk, "admin", "Acme / Shop", "was refused: Change: workspace"),
    ]


def test_note_nothing_of_what_staff_may_and_a_rule_refuses(admin, tree):
    cache.clear()
    admin.post(_page("resume", tree.shop))

    assert not AuditEvent.objects.filter(action=audit.REFUSED).exists()


def _noted():
    events = AuditEvent.objects.filter(action=audit.REFUSED).order_by("id")
    return [(event.node_label, audit.describe(event)) for event in events]


def test_note_what_is_sent_to_the_settings_and_may_not(enter_admin, tree):
    cache.clear()
    clerk = MembershipFactory(node=tree.shop, role=Role.MAINTAINER, user__is_staff=True).user
    page = reverse("admin:hierarchy_application_settings", args=[tree.development.pk, "privacy"])
    client = enter_admin(clerk)

    form = filled(client, page)
    refused = client.post(page, form)

    assert "have permission to change the application." in refused.content.decode()
    where = "Acme / Shop / Web (development)"
    assert _noted() == [(where, "was refused: change the application")]


def test_note_what_is_sent_to_settings_that_may_not_be_read(enter_admin, tree):
    cache.clear()
    user = UserFactory(is_staff=True)
    user.user_permissions.add(DjangoPermission.objects.get(codename="view_workspace"))
    page = reverse("admin:hierarchy_workspace_settings", args=[tree.shop.pk, "privacy"])

    assert enter_admin(user).post(page).status_code == 403

    assert _noted() == [("Acme / Shop", "was refused: Change the settings: workspace")]


def test_note_what_is_sent_to_pages_that_django_has_for_deleting(admin, tree):
    cache.clear()
    membership = Membership.objects.at(tree.acme).get()
    address = EmailAddress.objects.first()

    answers = [admin.post(url(row, "delete"), {"post": "yes"}) for row in (membership, address)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert _noted() == [
        ("Acme", "was refused: Delete: membership"),
        ("", "was refused: Delete: email address"),
    ]


def test_note_who_tries_to_change_what_the_staff_may(enter_admin, limited):
    cache.clear()
    group = Group.objects.create(name="Support")
    client = enter_admin(limited)

    answers = [client.post(url(group, page), {"name": "New"}) for page in ("change", "delete")]
    answers.append(client.get(url(group, "delete")))

    assert {answer.status_code for answer in answers} == {403}
    assert _noted() == [("", "was refused: Change: group"), ("", "was refused: Delete: group")]


def test_note_nothing_of_a_row_that_staff_do_not_see(enter_admin, tree, limited):
    cache.clear()
    foreign = MembershipFactory(node=tree.press)

    assert enter_admin(limited).post(url(foreign, "delete")).status_code == 403

    assert _noted() == []


def test_note_nothing_of_who_is_no_staff(client, outsider):
    cache.clear()
    client.force_login(outsider)

    assert client.post("/admin/auth/group/add/").status_code == 403

    assert _noted() == []
