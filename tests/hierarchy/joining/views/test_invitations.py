"""Sending an invitation, sending it again, copying its link, revoking it."""

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from hierarchy import outbox
from hierarchy.console.navigation import node_url
from hierarchy.models import AuditEvent, Ending, Invitation, MailState, OutgoingMail
from hierarchy.roles import Role
from tests.factories import InvitationFactory, WorkspaceFactory
from tests.support.acting import invitations
from tests.support.refusals import snapshot

HTMX = {"HX-Request": "true"}


pytestmark = pytest.mark.usefixtures("forget_limits")


@pytest.fixture(params=["acme", "shop", "development"])
def node(request, tree):
    return getattr(tree, request.param)


def _data(**fields):
    return {"email": "new@example.com", "role": "viewer", "message": "", "days": "7"} | fields


def _url(invitation, verb):
    return node_url(invitation.node, f"invitation-{verb}", pk=invitation.pk)


# --- Sending -------------------------------------------------------------------------------------


def test_send_at_every_level(sign_in, owner, node):
    client = sign_in(owner)
    url = node_url(node, "invitation-send")

    page = client.get(url)
    answer = client.post(url, _data(email=" New@Example.com "))

    (invitation,) = Invitation.objects.at(node)
    assert (page.status_code, answer.status_code) == (200, 302)
    assert answer["Location"] == node_url(node, "membership-index")
    assert (invitation.email, invitation.role) == ("new@example.com", "viewer")
    assert (invitation.invited_by, invitation.mail.state) == (owner, MailState.QUEUED)
    assert AuditEvent.objects.latest("id").action == "invitation.send"


def test_invite_for_a_while(sign_in, owner, outsider, tree):
    client = sign_in(owner)
    url = node_url(tree.shop, "invitation-send")
    data = _data(email=outsider.email, ends_at="2090-05-04T12:34")

    past = client.post(url, data | {"ends_at": "2020-05-04T12:34"})
    client.post(url, data)
    invitation = Invitation.objects.get()
    page = client.get(node_url(tree.shop, "invitation-index")).content.decode()
    show = reverse("console:invitation-show", kwargs={"pk": invitation.pk})
    offer = sign_in(outsider).get(show, follow=True).content.decode()

    assert past.context["form"].errors["ends_at"] == ["The end date is in the past."]
    assert timezone.localtime(invitation.access_ends_at).year == 2090
    assert "4 May 2090" in page
    assert "Access until" in offer
    assert "4 May 2090" in offer


def test_send_offers_only_roles_that_one_holds(sign_in, manager, tree):
    response = sign_in(manager).get(node_url(tree.acme, "invitation-send"))

    offered = [value for value, _label in response.context["form"].fields["role"].choices]
    assert offered == ["manager", "maintainer", "viewer"]
    assert response.context["form"]["days"].value() == settings.INVITATION_DAYS


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("role", "owner"),
        ("role", ""),
        ("email", "nobody"),
        ("email", ""),
        ("email", "a@example.com, b@example.com"),
        ("email", "a@example.com\nBcc: b@example.com"),
        ("days", "0"),
        ("days", "31"),
        ("days", "many"),
        ("message", "x" * 501),
    ],
)
def test_send_refuses_what_makes_no_sense(sign_in, manager, tree, field, value):
    client = sign_in(manager)
    before = snapshot()

    response = client.post(node_url(tree.acme, "invitation-send"), _data(**{field: value}))

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert snapshot() == before


def test_send_tells_the_refusal_beside_the_field(sign_in, owner, viewer, tree):
    client = sign_in(owner)
    before = snapshot()

    response = client.post(
        node_url(tree.acme, "invitation-send"), _data(email=viewer.email), headers=HTMX
    )

    assert response.status_code == 422
    assert "is already a member of Acme" in response.context["form"].errors["email"][0]
    assert "<html" not in response.content.decode()
    assert snapshot() == before


def test_send_leads_htmx_back_to_the_members(sign_in, owner, tree):
    url = node_url(tree.acme, "invitation-send")

    response = sign_in(owner).post(url, _data(), headers=HTMX)

    assert response["HX-Redirect"] == node_url(tree.acme, "membership-index")


def test_send_ignores_fields_that_it_does_not_have(sign_in, owner, tree):
    other = WorkspaceFactory()
    extra = {"organization": other.organization_id, "workspace": other.pk, "state": "accepted"}

    sign_in(owner).post(node_url(tree.shop, "invitation-send"), _data(**extra))

    invitation = Invitation.objects.get()
    assert (invitation.node, invitation.state) == (tree.shop, "pending")


def test_send_refuses_who_may_not_invite(sign_in, maintainer, tree):
    client = sign_in(maintainer)
    before = snapshot(but_noted=True)

    response = client.post(node_url(tree.shop, "invitation-send"), _data())

    assert response.status_code == 403
    assert "invite_workspace_member" in response.content.decode()
    assert snapshot(but_noted=True) == before


def test_send_finds_no_node_that_one_cannot_see(sign_in, guest, tree):
    assert sign_in(guest).get(node_url(tree.press, "invitation-send")).status_code == 404


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
def test_send_links_to_the_base_url_whatever_the_request_says(sign_in, owner, tree, header):
    client = sign_in(owner)

    response = client.post(
        node_url(tree.acme, "invitation-send"), _data(), headers={header: "evil.example"}
    )

    links = [mail.context["link"] for mail in OutgoingMail.objects.all()]
    assert response.status_code == (400 if header == "Host" else 302)
    assert all(link.startswith(f"{settings.BASE_URL}/invitations/") for link in links)


def test_send_has_a_limit(sign_in, owner, tree):
    client = sign_in(owner)
    url = node_url(tree.acme, "invitation-send")
    for number in range(50):
        client.post(url, _data(email=f"person-{number}@example.org"))
    before = snapshot()

    response = client.post(url, _data(email="one-more@example.org"))

    assert response.status_code == 429
    assert snapshot() == before


# --- Changing ------------------------------------------------------------------------------------


def test_resend_kills_the_old_link(sign_in, owner, tree):
    invitation = InvitationFactory(node=tree.shop, invited_by=owner, token="old")

    response = sign_in(owner).post(_url(invitation, "resend"))

    assert response["Location"] == node_url(tree.shop, "membership-index")
    assert invitations.find("old") is None
    assert OutgoingMail.objects.get().recipient == invitation.email


def test_copy_link_shows_the_new_link_once(sign_in, owner, tree):
    invitation = InvitationFactory(node=tree.shop, invited_by=owner, token="old")
    client = sign_in(owner)

    page = client.post(_url(invitation, "copy-link"))
    again = client.get(node_url(tree.shop, "membership-index"))

    link = page.context["link"]
    token = link.split("/")[-2]
    assert link in page.content.decode()
    assert "still need the code" in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    assert token not in again.content.decode()
    assert invitations.find("old") is None
    assert not invitations.find(token).proves_address


def test_copy_link_answers_htmx_with_the_dialog_alone(sign_in, owner, tree):
    invitation = InvitationFactory(node=tree.shop, invited_by=owner)

    response = sign_in(owner).post(_url(invitation, "copy-link"), headers=HTMX)

    assert response.context["link"] in response.content.decode()
    assert "<html" not in response.content.decode()


def test_copy_link_changes_nothing_by_get(sign_in, owner, tree):
    invitation = InvitationFactory(node=tree.shop, invited_by=owner)

    assert sign_in(owner).get(_url(invitation, "copy-link")).status_code == 405


def test_revoke(sign_in, owner, tree):
    invitation = invitations.send(tree.shop, "new@example.com", Role.VIEWER, by=owner)
    client = sign_in(owner)

    page = client.get(_url(invitation, "revoke"))
    client.post(_url(invitation, "revoke"))
    again = client.post(_url(invitation, "revoke"), follow=True)

    invitation.refresh_from_db()
    assert page.status_code == 200
    assert (invitation.state, invitation.mail.state) == ("revoked", "withheld")
    assert "has already been revoked" in again.content.decode()


@pytest.mark.parametrize("verb", ["resend", "copy-link", "revoke"])
def test_refuse_a_manager_who_touches_the_offer_of_an_owner(sign_in, manager, owner, tree, verb):
    invitation = InvitationFactory(node=tree.acme, role=Role.OWNER, invited_by=owner)
    client = sign_in(manager)
    before = snapshot()

    response = client.post(_url(invitation, verb), follow=True)

    assert "give or change more than you hold yourself" in response.content.decode()
    assert snapshot() == before


@pytest.mark.parametrize("verb", ["resend", "copy-link", "revoke"])
def test_refuse_who_may_not_invite(sign_in, maintainer, tree, verb):
    invitation = InvitationFactory(node=tree.shop)
    client = sign_in(maintainer)
    before = snapshot(but_noted=True)

    response = client.post(_url(invitation, verb))

    assert response.status_code == 403
    assert "invite_workspace_member" in response.content.decode()
    assert snapshot(but_noted=True) == before


@pytest.mark.parametrize("verb", ["resend", "copy-link", "revoke"])
def test_find_no_invitation_of_another_node(sign_in, owner, tree, verb):
    elsewhere = InvitationFactory(node=WorkspaceFactory())
    sibling = InvitationFactory(node=tree.press)
    client = sign_in(owner)
    before = snapshot()

    for invitation in (elsewhere, sibling):
        url = node_url(tree.shop, f"invitation-{verb}", pk=invitation.pk)
        assert client.post(url).status_code == 404
    assert snapshot() == before


# --- On the page of members ----------------------------------------------------------------------


def test_list_shows_state_and_delivery(sign_in, owner, tree):
    failed = OutgoingMail.objects.create(
        recipient="a@example.com",
        template="invitation",
        message_id="<1@example.com>",
        state=MailState.FAILED,
        last_error="550 No such mailbox",
    )
    InvitationFactory(node=tree.shop, mail=failed)
    InvitationFactory(node=tree.shop, expires_at="2026-01-01T00:00Z", email="late@example.com")
    InvitationFactory(node=tree.shop, state="revoked", decided_at="2026-01-01T00:00Z")

    response = sign_in(owner).get(node_url(tree.shop, "membership-index"))

    states = [row.invitation.current_state for row in response.context["invitation_rows"]]
    assert states == ["expired", "pending"]
    assert "550 No such mailbox" in response.content.decode()


@pytest.mark.parametrize(
    ("because", "shown"),
    [
        (Ending.NOT_OFFERED, "Its sender could no longer offer that."),
        (Ending.SUSPENDED, "What it was about had been suspended."),
        (Ending.REPLACED, "Link copied"),
    ],
)
def test_list_shows_why_a_mail_never_left(sign_in, owner, tree, because, shown):
    mail = OutgoingMail.objects.create(message_id="<1@example.com>", template="invitation")
    outbox.withhold(mail, because)
    InvitationFactory(node=tree.shop, mail=mail)

    page = sign_in(owner).get(node_url(tree.shop, "membership-index")).content.decode()

    assert shown in page
    assert ("Withheld" in page) == (because != Ending.REPLACED)


def test_list_offers_managers_nothing_on_offers_of_owners(sign_in, manager, tree):
    InvitationFactory(node=tree.acme, role=Role.OWNER)
    InvitationFactory(node=tree.acme, role=Role.VIEWER)

    response = sign_in(manager).get(node_url(tree.acme, "membership-index"))

    may = {row.invitation.role: row.may_change for row in response.context["invitation_rows"]}
    assert may == {"owner": False, "viewer": True}
