"""Whoever makes an owner gives their password first, by whatever door, after fifteen minutes."""

import pytest
from django.urls import reverse

from accounts.models import User
from hierarchy.console.navigation import node_url
from hierarchy.models import Membership, Status
from hierarchy.roles import Level, Permission, Role
from tests.factories import (
    AccessRequestFactory,
    AccessReviewFactory,
    AccessReviewRowFactory,
    CustomRoleFactory,
    InvitationFactory,
    MembershipFactory,
    UserFactory,
    membership_of,
)
from tests.support.refusals import snapshot

pytestmark = pytest.mark.usefixtures("forget_limits")

EVERYTHING = {
    f"on_{level}": [p.value for p in Permission if p.level is level] for level in Level
} | {"name": "Everything"}


def _member(tree, role=Role.VIEWER, **fields):
    return MembershipFactory(node=tree.acme, role=role, **fields)


def _url(row, name):
    return node_url(row.node, name, pk=row.pk)


def _form(client, url):
    """Return what the form at `url` carries to notice that it is stale."""
    form = client.get(url).context["form"]
    return {"version": form["version"].value()} if "version" in form.fields else {}


def _change_role(tree, client):
    url = _url(_member(tree), "membership-change-role")
    return url, {"role": "owner"} | _form(client, url)


def _compose_into_everything(tree, client):
    """A role that holds all that an owner holds makes an owner, whatever it is called."""
    role = CustomRoleFactory(organization=tree.acme, permissions=list(Permission))
    url = _url(_member(tree), "membership-change-role")
    return url, {"role": f"custom-{role.pk}"} | _form(client, url)


def _many(tree, client):
    member = _member(tree)
    data = {"verb": "change_role", "member": f"{member.pk}:{member.shown}"}
    return node_url(tree.acme, "membership-selected"), data | {"role": "owner", "confirmed": "1"}


def _reactivate(tree, client):
    member = _member(tree, Role.OWNER, status=Status.SUSPENDED)
    return _url(member, "membership-reactivate"), {}


def _review(tree, client):
    review = AccessReviewFactory(node=tree.acme, size=1)
    row = AccessReviewRowFactory(review=review, member=_member(tree))
    url = node_url(tree.acme, "access-review-row-change", pk=row.pk)
    return url, {"role": "owner"} | _form(client, url)


def _approve(tree, client):
    url = _url(AccessRequestFactory(node=tree.acme), "access-request-approve")
    return url, {"role": "owner"} | _form(client, url)


def _invite(tree, client):
    data = {"email": "new@example.com", "role": "owner", "days": "7"}
    return node_url(tree.acme, "invitation-send"), data


def _invite_many(tree, client):
    data = {"addresses": "a@example.com, owner\nb@example.com", "role": "viewer", "days": "7"}
    return node_url(tree.acme, "invitation-send-many"), data | {"confirmed": "1"}


def _offered(tree, role=Role.OWNER):
    return InvitationFactory(
        node=tree.acme, role=role, invited_by=User.objects.get(email="owner@example.com")
    )


def _offer_more(tree, client):
    url = _url(_offered(tree, Role.VIEWER), "invitation-change-role")
    return url, {"role": "owner"} | _form(client, url)


def _resend(tree, client):
    return _url(_offered(tree), "invitation-resend"), {}


def _copy_link(tree, client):
    return _url(_offered(tree), "invitation-copy-link"), {}


def _extend(tree, client):
    return _url(_offered(tree), "invitation-extend"), {"days": "20"}


def _edit_role(tree, client):
    role = CustomRoleFactory(organization=tree.acme)
    _member(tree, Role.CUSTOM, custom_role=role)
    url = node_url(tree.acme, "custom-role-edit", pk=role.pk)
    shown = client.post(url, EVERYTHING | _form(client, url))
    return url, EVERYTHING | _form(client, url) | {"confirmed": shown.context["preview"]}


def _replace_role(tree, client):
    role = CustomRoleFactory(organization=tree.acme)
    _member(tree, Role.CUSTOM, custom_role=role)
    url = node_url(tree.acme, "custom-role-delete", pk=role.pk)
    shown = client.post(url, {"replacement": "owner"})
    return url, {"replacement": "owner", "confirmed": shown.context["preview"]}


DOORS = [
    _change_role,
    _compose_into_everything,
    _many,
    _reactivate,
    _review,
    _approve,
    _invite,
    _invite_many,
    _offer_more,
    _resend,
    _copy_link,
    _extend,
    _edit_role,
    _replace_role,
]


@pytest.mark.parametrize("door", DOORS)
def test_ask_for_the_password_before_an_owner_is_made(sign_in, give_password, owner, tree, door):
    client = sign_in(owner)
    url, data = door(tree, client)
    before = snapshot()

    asked = client.post(url, data)

    assert (asked.status_code, asked.url.split("?")[0]) == (302, "/accounts/reauthenticate/")
    assert snapshot() == before

    give_password(owner)
    done = client.post(url, data)

    assert done.status_code in (200, 302)
    assert snapshot() != before


@pytest.mark.parametrize("door", [_change_role, _many, _approve, _invite, _offer_more, _review])
def test_ask_for_no_password_where_no_owner_is_made(sign_in, owner, tree, door):
    client = sign_in(owner)
    url, data = door(tree, client)
    before = snapshot()

    answer = client.post(url, data | {"role": "manager"})

    assert (answer.status_code, "reauthenticate" in answer.url) == (302, False)
    assert snapshot() != before


def test_ask_who_accepts_to_be_an_owner_for_their_password(sign_in, give_password, owner, tree):
    person = UserFactory(email="new@example.com")
    offer = InvitationFactory(
        node=tree.acme, email=person.email, role=Role.OWNER, invited_by=owner, token="secret"
    )
    client = sign_in(person)
    client.get("/invitations/secret/", follow=True)
    url = reverse("console:invitation-accept")
    data = {"version": str(offer.shown_offer)}

    asked = client.post(url, data)
    assert "reauthenticate" in asked.url
    assert not Membership.objects.filter(user=person).exists()

    give_password(person)
    client.post(url, data)
    assert membership_of(person, tree.acme).role == Role.OWNER
