"""Doors of the console for an e-mail address, with one whose domain browsers used to change."""

from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hierarchy.console.navigation import node_url
from hierarchy.models import Invitation, OutgoingMail, OwnershipOffer
from hierarchy.roles import Role
from tests.factories import InvitationFactory, MembershipFactory, UserFactory
from tests.support.refusals import snapshot
from tests.support.untouched import submitted

pytestmark = pytest.mark.usefixtures("forget_limits")

TYPED = "Anna@Straße.de"
USED = "anna@xn--strae-oqa.de"
FULL = f"{USED} (straße.de)"
QUESTION = f"We'll use {FULL}. If that's right, submit the form again."
OFFER = {"role": "owner", "message": "", "days": "7"}


@pytest.fixture
def anna(tree):
    return MembershipFactory(node=tree.acme, role=Role.VIEWER, user=UserFactory(email=USED)).user


def said(form):
    return [str(error) for errors in form.errors.values() for error in errors]


def test_invite_one_only_after_the_address_was_shown(enter, owner, tree):
    client = enter(owner)
    before = snapshot()
    url = node_url(tree.acme, "invitation-send")

    asked = client.post(url, OFFER | {"email": TYPED})
    nothing = snapshot() == before
    again = submitted(asked.content.decode(), field="email")
    done = client.post(url, again, follow=True)

    assert said(asked.context["form"]) == [QUESTION]
    assert nothing
    assert again["email"] == USED
    assert f"{FULL} has been invited as owner." in done.content.decode()
    assert [mail.recipient for mail in OutgoingMail.objects.all()] == [USED]


@pytest.mark.parametrize(
    "told",
    [
        {"addresses": TYPED},
        {"addresses": f"Anna <{TYPED}>; bob@example.com"},
        {"addresses": "", "file": f"name,email\nAnna,{TYPED}"},
    ],
)
@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
def test_invite_many_only_after_the_addresses_were_shown(enter, owner, tree, told, confirmed):
    client = enter(owner)
    before = snapshot()
    url = node_url(tree.acme, "invitation-send-many")
    if "file" in told:
        told = told | {"file": SimpleUploadedFile("people.csv", told["file"].encode())}

    preview = client.post(url, OFFER | told | confirmed).content.decode()
    nothing = snapshot() == before
    client.post(url, submitted(preview, field="addresses") | {"confirmed": "yes"})

    assert FULL in preview
    assert nothing
    assert USED in {row.email for row in Invitation.objects.all()}


def test_offer_ownership_only_after_the_address_was_shown(enter, owner, anna):
    client = enter(owner)
    url = "/o/acme/ownership/offer/"
    told = {"offer-email": TYPED, "offer-becomes": "owner"}

    asked = client.post(url, told)
    before = OwnershipOffer.objects.count()
    client.post(url, told | {"offer-email": USED})

    assert QUESTION in unescape(asked.content.decode())
    assert (before, OwnershipOffer.objects.get().user) == (0, anna)


def test_ask_what_somebody_may_do_by_any_spelling(sign_in, owner, tree, anna):
    page = sign_in(owner).get(node_url(tree.acme, "access"), {"person": TYPED})

    assert page.context["person"] == anna
    assert USED in page.content.decode()


@pytest.mark.parametrize("query", ["anna@straße.de", "ANNA@STRASSE.DE".replace("SS", "ẞ"), USED])
def test_search_by_any_spelling(sign_in, owner, tree, anna, query):
    client = sign_in(owner)
    InvitationFactory(node=tree.acme, email=USED)

    members = client.get(node_url(tree.acme, "membership-index"), {"q": query}).content.decode()
    offers = client.get(node_url(tree.acme, "invitation-index"), {"q": query}).content.decode()
    found = client.get("/search/", {"q": query}).content.decode()

    assert all(USED in page for page in (members, offers, found))


def test_a_contact_address_is_kept_in_the_same_form(sign_in, owner, tree):
    client = sign_in(owner)
    url = node_url(tree.acme, "edit")
    told = submitted(client.get(url).content.decode(), field="kind")

    asked = client.post(url, told | {"email": TYPED})
    client.post(url, told | {"email": USED})

    tree.acme.refresh_from_db()
    assert QUESTION in said(asked.context["form"])
    assert tree.acme.email == USED


def test_a_domain_is_shown_as_it_is_used_before_it_is_proved(enter, owner, tree):
    client = enter(owner)

    page = client.post("/o/acme/settings/joining/domains/add/", {"domain": TYPED}, follow=True)
    listed = client.get("/o/acme/settings/joining/").content.decode()

    shown = "xn--strae-oqa.de (straße.de)"
    assert shown in page.content.decode()
    assert shown in listed


def test_domains_are_kept_as_addresses_have_them(sign_in, owner, tree):
    client = sign_in(owner)
    url = "/o/acme/settings/joining/"
    told = submitted(client.get(url).content.decode(), field="invitation_domains")

    client.post(url, told | {"invitation_domains": "@Straße.de r3---sn.example"})

    tree.acme.refresh_from_db()
    assert tree.acme.allowed_domains == ["xn--strae-oqa.de", "r3---sn.example"]
