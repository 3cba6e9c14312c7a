"""The pages of somebody who may invite, and not list members."""

import pytest

from hierarchy.console.navigation import node_url
from hierarchy.roles import Role
from tests.factories import CustomRoleFactory, InvitationFactory, MembershipFactory, UserFactory
from tests.support.acting import invitations

pytestmark = pytest.mark.usefixtures("forget_limits")


@pytest.fixture
def blind(tree):
    names = [
        "view_organization",
        "view_workspace",
        "view_application",
        "invite_organization_member",
    ]
    role = CustomRoleFactory(organization=tree.acme, permissions=names)
    return MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=role).user


@pytest.fixture
def emails(tree):
    """A stranger's address, a member's, and that of a suspended one."""
    UserFactory(email="person1@example.org")
    MembershipFactory(node=tree.acme, user__email="person2@example.org")
    MembershipFactory(node=tree.acme, user__email="person3@example.org", status="suspended")
    return [f"person{number}@example.org" for number in (1, 2, 3)]


def _said(client, email):
    """Return the page after the redirect, without the address that it names."""
    page = client.get(node_url_of_acme(client)).content.decode()
    return page.count(email), "has been invited as viewer" in page


def node_url_of_acme(_client):
    return "/o/acme/"


def test_the_answer_for_a_member_is_that_for_a_stranger(sign_in, blind, tree, emails):
    client = sign_in(blind)
    url = node_url(tree.acme, "invitation-send")
    answers = []
    for email in emails:
        answer = client.post(url, {"email": email, "role": "viewer", "days": "7"})
        answers.append((answer.status_code, answer.url, _said(client, email)))

    assert set(answers) == {(302, "/o/acme/", (1, True))}


def test_the_preview_of_many_is_alike(sign_in, blind, tree, emails):
    client = sign_in(blind)
    url = node_url(tree.acme, "invitation-send-many")
    data = {"addresses": "\n".join(emails), "role": "viewer", "days": "7"}

    shown = client.post(url, data)
    sent = client.post(url, data | {"confirmed": "1"})

    assert [each.offer.email for each in shown.context["fine"]] == emails
    assert (shown.context["others"], sent.status_code, sent.url) == ([], 302, "/o/acme/")


def test_the_overview_leads_to_inviting(sign_in, blind, owner, tree):
    url = node_url(tree.acme, "invitation-send")

    assert url in sign_in(blind).get("/o/acme/").content.decode()
    assert url not in sign_in(owner).get("/o/acme/").content.decode()


def test_invitations_of_others_are_not_found(sign_in, blind, owner, tree):
    others = InvitationFactory(node=tree.acme, role=Role.VIEWER, invited_by=owner)
    own = invitations.send(tree.acme, "new@example.org", Role.VIEWER, by=blind)
    client = sign_in(blind)

    found = [
        client.get(node_url(tree.acme, "invitation-revoke", pk=row.pk)).status_code
        for row in (others, own)
    ]

    assert found == [404, 200]
