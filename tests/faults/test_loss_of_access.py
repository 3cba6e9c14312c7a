"""Whoever loses access has lost it at the next request, in every process, however warm."""

import os
import subprocess
import sys
import time
import urllib.request
from http.client import HTTPConnection
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from hierarchy import access
from hierarchy.actions import (
    access_reviews,
    accounts,
    custom_roles,
    memberships,
    nodes,
    ownership,
    staff,
    transfers,
)
from hierarchy.actions.membership_batches import Verb, perform
from hierarchy.models import Membership
from hierarchy.roles import Permission, Role
from tests.browser.installation import ROOT, free_port
from tests.factories import (
    CustomRoleFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.postgres import url_of_test_database

WARM = 3  # requests that each process has answered before
START_SECONDS = 30


def _review(w):
    due_at = timezone.now() + timezone.timedelta(days=1)
    review = access_reviews.start(w.acme, due_at=due_at, by=w.owner)
    access_reviews.remove(review.rows.get(user_id=w.person.pk), by=w.owner)


def _end(w):
    soon = timezone.now() + timezone.timedelta(seconds=0.5)
    memberships.change_dates(w.own, starts_at=None, ends_at=soon, by=w.owner)
    time.sleep(0.6)


def _hand_over(w):
    there = MembershipFactory(user=w.owner, role=Role.OWNER).organization
    transfers.accept(transfers.offer(w.shop, there, by=w.owner), by=w.owner, keep=[])


def _step_down(w):
    heir = MembershipFactory(node=w.acme).user
    offer = ownership.offer(w.acme, heir, by=w.person, becomes=Role.VIEWER)
    ownership.accept(offer, by=heir)


def _edit_role(w):
    kept = [Permission.VIEW_WORKSPACE]
    custom_roles.edit(w.role, name="Helper", permissions=kept, by=w.owner)


def _lose_staff_rights(w):
    nothing = {"is_staff": False, "is_superuser": False, "groups": []}
    staff.change_rights(w.person, **nothing, by=UserFactory(is_staff=True, is_superuser=True))


SHOP, MEMBERS, SETTINGS = "/o/{o}/w/{w}/", "/o/{o}/w/{w}/members/", "/o/{o}/settings/"
# way: (where and as what the person is a member, the page, its answer afterwards, the way)
WAYS = {
    "remove": ("shop", Role.VIEWER, SHOP, 404, lambda w: memberships.remove(w.own, by=w.owner)),
    "leave": ("shop", Role.VIEWER, SHOP, 404, lambda w: memberships.leave(w.own, by=w.person)),
    "suspend": ("shop", Role.VIEWER, SHOP, 404, lambda w: memberships.suspend(w.own, by=w.owner)),
    "end": ("shop", Role.VIEWER, SHOP, 404, _end),
    "demote": (
        "shop",
        Role.MAINTAINER,
        MEMBERS,
        403,
        lambda w: memberships.change_role(w.own, Role.VIEWER, by=w.owner),
    ),
    "remove many": ("shop", Role.VIEWER, SHOP, 404, lambda w: _all(w, Verb.REMOVE)),
    "suspend many": ("acme", Role.VIEWER, SHOP, 404, lambda w: _all(w, Verb.SUSPEND)),
    "review": ("acme", Role.VIEWER, SHOP, 404, _review),
    "remove above": (
        "acme",
        Role.VIEWER,
        SHOP,
        404,
        lambda w: memberships.remove(w.own, by=w.owner),
    ),
    "hand over": ("acme", Role.VIEWER, SHOP, 404, _hand_over),
    "step down": ("acme", Role.OWNER, SETTINGS, 403, _step_down),
    "edit role": ("shop", "helper", MEMBERS, 403, _edit_role),
    "delete role": (
        "shop",
        "helper",
        MEMBERS,
        403,
        lambda w: custom_roles.delete(w.role, by=w.owner, replacement=Role.VIEWER),
    ),
    "delete": ("shop", Role.VIEWER, SHOP, 404, lambda w: nodes.delete(w.shop, by=w.owner)),
    "delete above": ("shop", Role.VIEWER, SHOP, 404, lambda w: nodes.delete(w.acme, by=w.owner)),
    "deactivate": (
        "shop",
        Role.VIEWER,
        SHOP,
        302,
        lambda w: accounts.deactivate(w.person, by=UserFactory(is_staff=True, is_superuser=True)),
    ),
    "close": ("shop", Role.VIEWER, SHOP, 302, lambda w: accounts.close(w.person)),
    "staff": ("shop", Role.VIEWER, "/admin/hierarchy/organization/", 403, _lose_staff_rights),
}


def _all(w, verb):
    assert not any(outcome.problem for outcome in perform([w.own], verb, by=w.owner))


@pytest.fixture
def servers(transactional_db, tmp_path):
    """Two servers on the tests' database, each one process with what it remembers."""
    access.forget_permission_ids()
    environment = {**os.environ, "DEBUG": "true", "DATABASE_URL": url_of_test_database()}
    ports, processes = [free_port(), free_port()], []
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"]
    with (tmp_path / "log").open("w") as log:
        for port in ports:
            options = ["--workers", "1", "--bind", f"127.0.0.1:{port}", "config.wsgi"]
            processes.append(
                subprocess.Popen(
                    [*command, *options], cwd=ROOT, env=environment, stdout=log, stderr=log
                )
            )
    try:
        for port in ports:
            _wait_for(port)
        yield ports
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def _wait_for(port):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def _world(place, role, *, is_staff):
    acme = OrganizationFactory()
    shop = WorkspaceFactory(organization=acme)
    owner = MembershipFactory(node=acme, role=Role.OWNER).user
    person = UserFactory(is_staff=is_staff, is_superuser=is_staff)
    custom, fields = None, {"role": role}
    if role == "helper":
        permissions = ["view_workspace", "view_workspace_member"]
        custom = CustomRoleFactory(organization=acme, name="Helper", permissions=permissions)
        fields = {"role": Role.CUSTOM, "custom_role": custom}
    own = MembershipFactory(node=acme if place == "acme" else shop, user=person, **fields)
    own = Membership.objects.select_related("user").get(pk=own.pk)
    owner, person = (User.objects.get(pk=user.pk) for user in (owner, person))
    return SimpleNamespace(acme=acme, shop=shop, owner=owner, person=person, own=own, role=custom)


def _status(port, page, session):
    connection = HTTPConnection("localhost", port, timeout=10)
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}"
    connection.request("GET", page, headers={"Cookie": cookie})
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def test_access_is_lost_at_once_in_every_process(servers):
    for name, (place, role, page, expected, lose) in WAYS.items():
        w = _world(place, role, is_staff=name == "staff")
        client = Client()
        client.force_login(w.person)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        address = page.format(o=w.acme.slug, w=w.shop.slug)
        before = {_status(port, address, session) for port in servers for _ in range(WARM)}

        lose(w)

        after = {_status(port, address, session) for port in servers}
        assert (name, before, after) == (name, {200}, {expected})
