"""Who sees which page of the admin."""

from types import SimpleNamespace

import pytest
from django.contrib import admin as django_admin
from django.contrib.auth.models import Permission as DjangoPermission

from accounts.models import User
from hierarchy.audit import REFUSED
from hierarchy.models import (
    AccessRequest,
    AccessReview,
    Application,
    AuditEvent,
    CustomRole,
    EmailDomain,
    Identity,
    Invitation,
    Membership,
    Organization,
    OutgoingMail,
    OwnershipOffer,
    OwnershipRecovery,
    Transfer,
    Workspace,
)
from hierarchy.roles import Role
from hierarchy.setting_definitions import Group
from tests.factories import (
    AccessRequestFactory,
    AccessReviewFactory,
    CustomRoleFactory,
    EmailDomainFactory,
    OwnershipOfferFactory,
    TransferFactory,
    UserFactory,
    failed_job,
)
from tests.support.acting import invitations
from tests.support.admin_forms import list_url, url

OURS = [
    Organization,
    Workspace,
    Application,
    Membership,
    Invitation,
    AuditEvent,
    Identity,
    OutgoingMail,
    CustomRole,
    AccessReview,
    AccessRequest,
    EmailDomain,
    OwnershipOffer,
    OwnershipRecovery,
    Transfer,
    User,
]


@pytest.fixture
def rows(tree, owner, guest):
    """One row of everything, around the workspace Shop, and one of its sibling Press."""
    job = failed_job()
    invitation = invitations.send(tree.shop, "new@example.com", Role.VIEWER, by=owner)
    return SimpleNamespace(
        **vars(tree),
        membership=Membership.objects.get(user=guest),
        invitation=invitation,
        event=AuditEvent.objects.get(),
        mail=invitation.mail,
        job=job,
        guest=guest,
        looked_up=[
            CustomRoleFactory(organization=tree.acme),
            AccessReviewFactory(node=tree.press),
            AccessRequestFactory(node=tree.press),
            EmailDomainFactory(node=tree.acme),
            OwnershipOfferFactory(organization=tree.acme),
            TransferFactory(node=tree.press),
        ],
    )


def _pages(rows):
    """Return the addresses of all pages about the rows."""
    nodes = [rows.acme, rows.shop, rows.press, rows.development, rows.production]
    pages = [url(node) for node in nodes]
    pages += [url(node, "settings", group) for node in nodes for group in Group.values]
    pages += [url(node, "people") for node in nodes]
    pages += [url(node, verb) for node in nodes for verb in ("suspend", "resume", "delete")]
    pages += [url(rows.membership, verb) for verb in ("change", "suspend", "reactivate", "remove")]
    pages += [url(rows.invitation, verb) for verb in ("change", "resend", "revoke")]
    pages += [url(rows.guest, verb) for verb in ("change", "access", "deactivate")]
    pages += [url(rows.event), url(rows.mail), url(rows.mail, "resend"), url(rows.job)]
    pages += [url(row) for row in rows.looked_up]
    return [*pages, url(rows.job, "retry")]


def _lists():
    return ["/admin/", *(list_url(model) for model in django_admin.site._registry)]


def test_superuser_sees_every_page(admin, rows):
    pages = [*_lists(), *_pages(rows)]

    assert {page: s for page in pages if (s := admin.get(page).status_code) != 200} == {}


@pytest.mark.parametrize("person", ["outsider", "owner"])
def test_refuse_who_is_no_staff(enter_admin, rows, person, request):
    browser = enter_admin(request.getfixturevalue(person))

    assert {browser.get(page).status_code for page in [*_lists(), *_pages(rows)]} == {403}


def test_lead_the_anonymous_to_the_sign_in_page(client, rows):
    pages = [*_lists(), *_pages(rows)]

    assert {client.get(page).status_code for page in pages} == {302}
    assert {client.get(page, follow=True).redirect_chain[-1][0][:17] for page in pages} == {
        "/accounts/login/?"
    }


def test_limited_staff_see_what_they_hold(enter_admin, rows, limited):
    browser = enter_admin(limited)

    assert browser.get(url(rows.shop)).status_code == 200
    assert browser.get(url(rows.production)).status_code == 200
    assert browser.get(url(rows.membership)).status_code == 200
    assert browser.get(url(rows.invitation)).status_code == 200
    assert browser.get(url(rows.shop, "settings", "security")).status_code == 200
    assert browser.get(url(rows.shop, "people")).status_code == 200


def test_limited_staff_see_nothing_else(enter_admin, rows, limited):
    browser = enter_admin(limited)
    theirs = {str(node.pk) for node in (rows.shop, rows.development, rows.production)}

    for node in (rows.acme, rows.press):
        for page in (url(node), url(node, "settings", "security"), url(node, "people")):
            assert browser.get(page).status_code in (302, 403, 404), page
    others = [rows.event, rows.mail, rows.job, rows.guest, *rows.looked_up]
    for page in map(url, others):
        assert browser.get(page).status_code in (302, 403), page
    shown = browser.get(list_url(Workspace)).context["cl"].result_list
    shown = [*shown, *browser.get(list_url(Application)).context["cl"].result_list]
    assert {str(node.pk) for node in shown} == theirs


def test_an_unseen_row_is_answered_as_one_that_never_existed(enter_admin, rows, limited):
    browser = enter_admin(limited)
    nobody = Workspace(pk=999_999)

    unseen = browser.get(url(rows.press), follow=True)
    absent = browser.get(url(nobody), follow=True)

    assert unseen.redirect_chain == absent.redirect_chain
    assert browser.get(url(rows.press, "people")).status_code == 404
    assert browser.get(url(nobody, "people")).status_code == 404


def test_staff_without_any_permission_see_empty_hands(enter_admin, rows):
    browser = enter_admin(UserFactory(is_staff=True))

    assert browser.get("/admin/").status_code == 200
    assert {model: browser.get(list_url(model)).status_code for model in OURS} == dict.fromkeys(
        OURS, 403
    )


def test_a_global_permission_opens_every_tree(enter_admin, rows):
    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.add(DjangoPermission.objects.get(codename="view_workspace"))
    browser = enter_admin(clerk)

    assert browser.get(url(rows.press)).status_code == 200
    assert browser.post(url(rows.press), {"name": "Other", "slug": "other"}).status_code == 403
    assert browser.get(url(rows.press, "suspend")).status_code == 403


def test_autocomplete_offers_limited_staff_only_what_they_see(enter_admin, rows, limited):
    browser = enter_admin(limited)
    query = {"app_label": "hierarchy", "model_name": "invitation", "field_name": "workspace"}

    answer = browser.get("/admin/autocomplete/", query).json()

    assert [row["text"] for row in answer["results"]] == ["Shop"]


def test_palette_finds_limited_staff_only_what_they_see(enter_admin, rows, limited):
    browser = enter_admin(limited)

    assert "Shop" in browser.get("/admin/search/", {"s": "sho"}).content.decode()
    assert "Press" not in browser.get("/admin/search/", {"s": "pres"}).content.decode()


def test_unknown_pages_and_groups_are_absent(admin, rows):
    assert admin.get(url(rows.shop, "settings", "nonsense")).status_code == 404
    assert admin.get("/admin/hierarchy/nonsense/").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["user__password__startswith=a", "invited_by__is_superuser=1"],
)
def test_refuse_to_filter_by_what_is_not_shown(admin, rows, query):
    assert admin.get(f"{list_url(Membership)}?{query}").status_code == 400


def test_refuse_to_lead_to_another_field(admin, rows):
    page = url(rows.guest)

    assert admin.get(f"{page}?_to_field=password").status_code == 400
    assert admin.get(f"{list_url(User)}?_to_field=password").status_code == 400


def test_delete_no_row_by_djangos_own_ways(admin, rows):
    for row in (rows.membership, rows.invitation, rows.event, rows.mail, rows.guest):
        page = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/delete/"
        assert admin.post(page, {"post": "yes"}).status_code == 403, page
    for model in OURS:
        data = {"action": "delete_selected", "_selected_action": "1", "post": "yes"}
        admin.post(list_url(model), data)

    assert Membership.objects.filter(pk=rows.membership.pk).exists()
    assert User.objects.filter(pk=rows.guest.pk).exists()
    assert AuditEvent.objects.exclude(action=REFUSED).get() == rows.event


@pytest.mark.parametrize("text", ["x", "-1", "9" * 30, "9" * 5000])
@pytest.mark.parametrize("model", OURS)
def test_an_address_may_propose_nonsense(admin, model, text):
    """Where nothing can be added, the answer is a refusal; nowhere is it an error."""
    related = [field.name for field in model._meta.fields if field.is_relation]

    response = admin.get(list_url(model, "add"), dict.fromkeys(related, text))

    assert response.status_code in (200, 403)
