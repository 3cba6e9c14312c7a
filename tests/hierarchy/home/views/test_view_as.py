"""Seeing the console as a role would."""

import re
import time

import pytest
import time_machine
from django.test import Client

from hierarchy.console.navigation import node_url
from hierarchy.home import view_as
from hierarchy.models import Membership, Workspace
from hierarchy.roles import Role
from tests.factories import CustomRoleFactory
from tests.support.acting import memberships

LEAVE = "/view-as/leave/"


def _start(client, node, role):
    return client.post(node_url(node, "view-as"), {"role": role})


def _status(client, node, name="detail"):
    return client.get(node_url(node, name)).status_code


def test_see_the_node_as_the_role_and_nothing_else(sign_in, owner, tree):
    client = sign_in(owner)

    answer = _start(client, tree.shop, "viewer")

    assert answer.url == node_url(tree.shop)
    assert _status(client, tree.shop) == 200
    assert _status(client, tree.production) == 200
    assert _status(client, tree.shop, "membership-index") == 403
    assert _status(client, tree.acme) == _status(client, tree.press) == 404
    shown = client.get(node_url(tree.shop)).content.decode()
    assert "You're viewing Shop as a member with the role Viewer." in shown


def test_change_nothing_meanwhile(sign_in, owner, tree):
    client = sign_in(owner)
    _start(client, tree.shop, "owner")

    response = client.post(node_url(tree.shop, "edit"), {"name": "Other", "slug": "other"})

    assert response.status_code == 403
    assert "Leave the preview to make changes" in response.content.decode()
    assert Workspace.objects.filter(name="Shop").exists()


@pytest.mark.parametrize(
    ("name", "status"),
    [("membership-index", 403), ("edit", 403), ("view-as", 403), ("detail", 404)],
)
def test_a_refusal_leads_back_and_offers_nothing_to_ask(sign_in, owner, tree, name, status):
    client = sign_in(owner)
    _start(client, tree.shop, "viewer")
    node = tree.press if status == 404 else tree.shop

    ask = client.post if name == "view-as" else client.get
    response = ask(node_url(node, name))

    content = response.content.decode()
    assert response.status_code == status
    assert "You're viewing Shop as a member with the role Viewer." in content
    assert f'action="{LEAVE}"' in content
    assert "Request access" not in content
    assert "These people can give it to you" not in content


def test_so_does_the_page_of_what_is_not_there_while_developing(sign_in, owner, tree, settings):
    page = "config.web.errors.own_not_found_page"
    if page not in settings.MIDDLEWARE:
        settings.MIDDLEWARE = [page, *settings.MIDDLEWARE]
    client = sign_in(owner)
    _start(client, tree.shop, "viewer")

    response = client.get(node_url(tree.press))

    assert response.status_code == 404
    assert "You're viewing Shop as a member with the role Viewer." in response.content.decode()


def test_leave_leads_back_to_ones_own_view(sign_in, owner, tree):
    client = sign_in(owner)
    _start(client, tree.shop, "viewer")

    answer = client.post(LEAVE)

    assert answer.url == node_url(tree.shop, "access")
    assert _status(client, tree.shop, "membership-index") == 200
    assert client.post(LEAVE).url == "/"


def test_it_is_over_after_half_an_hour(sign_in, owner, tree):
    client = sign_in(owner)
    _start(client, tree.shop, "viewer")

    with time_machine.travel(time.time() + view_as.LONGEST_SECONDS + 1):
        late = client.post(node_url(tree.shop, "edit"), {"name": "Changed"})

        assert late.status_code == 409
        assert "The role preview has ended" in late.content.decode()
        assert _status(client, tree.press) == 200


def test_what_was_shown_meanwhile_changes_nothing_afterwards(owner, tree):
    """A tab is left open, and view-as is left in another one."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    def token():
        page = client.get(node_url(tree.shop, "access")).content.decode()
        return {"csrfmiddlewaretoken": re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1]}

    client.post(node_url(tree.shop, "view-as"), {"role": "owner"} | token())
    shown = token()
    client.post(LEAVE, token())

    assert client.post(node_url(tree.shop, "delete"), shown).status_code == 403
    assert client.post(node_url(tree.shop, "delete"), token()).status_code == 200


def test_it_is_over_when_one_may_not_give_that_role_any_more(sign_in, owner, manager, tree):
    client = sign_in(manager)
    _start(client, tree.acme, "manager")
    memberships.change_role(Membership.objects.get(user=manager), Role.VIEWER, by=owner)

    assert "as its Manager" not in client.get(node_url(tree.acme)).content.decode()


def test_another_session_of_the_same_person_is_not_touched(sign_in, owner, tree):
    _start(sign_in(owner), tree.shop, "viewer")
    client = Client()
    client.force_login(owner)

    assert _status(client, tree.press) == 200


@pytest.mark.parametrize("role", ["owner", "transcendent", ""])
def test_only_roles_that_one_may_give(sign_in, manager, tree, role):
    client = sign_in(manager)

    assert _start(client, tree.acme, role).url == node_url(tree.acme, "access")
    assert view_as.KEY not in client.session


def test_custom_roles_too(sign_in, owner, tree):
    role = CustomRoleFactory(organization=tree.acme, permissions=["view_workspace"])
    client = sign_in(owner)

    _start(client, tree.shop, f"custom-{role.pk}")

    assert _status(client, tree.shop) == 200
    assert _status(client, tree.production) == 404


def test_it_takes_the_permission_to_give_roles(sign_in, guest, outsider, tree):
    assert _start(sign_in(guest), tree.shop, "viewer").status_code == 403
    assert _start(sign_in(outsider), tree.shop, "viewer").status_code == 404
