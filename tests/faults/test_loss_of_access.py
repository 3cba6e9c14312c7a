"""Whoever loses access has lost it at the next request, in every process, however warm."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from http.client import HTTPConnection
from itertools import cycle, islice, product
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from config.development.process_group import end_with_parent
from hierarchy import access, outbox
from hierarchy.members.actions.membership_batches import Verb
from hierarchy.models import Membership
from hierarchy.roles import Level, Permission, Role
from tests.browser.installation import ROOT, free_port
from tests.factories import (
    AccessRequestFactory,
    AccessReviewFactory,
    AccessReviewRowFactory,
    CustomRoleFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.support.acting import (
    access_requests,
    access_reviews,
    accounts,
    custom_roles,
    invitations,
    membership_batches,
    memberships,
    nodes,
    ownership,
    staff,
    transfers,
)
from tests.support.postgres import url_of_test_database
from tests.support.refusals import snapshot
from tests.support.sampling import IS_THOROUGH

TOKEN = "t" * 32  # against forged forms: what a cookie and a form say alike
PARTS = 4  # so that those who test at the same time share the work
WARM = 3 if IS_THOROUGH else 1  # requests that each process has answered before
START_SECONDS = 180
PATIENCE = 180


def _row_about(w):
    due_at = timezone.now() + timezone.timedelta(days=1)
    review = access_reviews.start(w.acme, due_at=due_at, by=w.owner)
    return review.rows.get(user_id=w.person.pk)


def _end(w):
    soon = timezone.now() + timezone.timedelta(seconds=0.5)
    memberships.change_dates(w.own, starts_at=None, ends_at=soon, by=w.owner)
    time.sleep(0.6)


def _begin_later(w):
    tomorrow = timezone.now() + timezone.timedelta(days=1)
    memberships.change_dates(w.own, starts_at=tomorrow, ends_at=None, by=w.owner)


def _approve_less(w):
    asked = AccessRequestFactory(node=w.shop, user=w.person, permission=Permission.VIEW_APPLICATION)
    access_requests.approve(asked, Role.VIEWER, by=w.owner)


def _suspend_above(w):
    above = MembershipFactory(node=w.acme, user=w.person)
    memberships.suspend(above, by=w.owner)


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


def _deactivate(w):
    accounts.deactivate(w.person, by=UserFactory(is_staff=True, is_superuser=True))


def _all(w, verb, role=None):
    assert not any(
        outcome.problem
        for outcome in membership_batches.perform([w.own], verb, by=w.owner, role=role)
    )


# way: (where and as what the person is a member, what the page of members answers them afterwards,
# the way). Where it answers 200, they still see it, and can change nothing.
WAYS = {
    "remove": ("shop", Role.MANAGER, 404, lambda w: memberships.remove(w.own, by=w.owner)),
    "leave": ("shop", Role.MANAGER, 404, lambda w: memberships.leave(w.own, by=w.person)),
    "suspend": ("shop", Role.MANAGER, 404, lambda w: memberships.suspend(w.own, by=w.owner)),
    "suspend above": ("shop", Role.MANAGER, 404, _suspend_above),
    "end": ("shop", Role.MANAGER, 404, _end),
    "begin later": ("shop", Role.MANAGER, 404, _begin_later),
    "demote": (
        "shop",
        Role.MANAGER,
        403,
        lambda w: memberships.change_role(w.own, Role.VIEWER, by=w.owner),
    ),
    "approve less": ("shop", Role.MANAGER, 403, _approve_less),
    "remove many": ("shop", Role.MANAGER, 404, lambda w: _all(w, Verb.REMOVE)),
    "suspend many": ("acme", Role.MANAGER, 404, lambda w: _all(w, Verb.SUSPEND)),
    "demote many": (
        "acme",
        Role.MANAGER,
        403,
        lambda w: _all(w, Verb.CHANGE_ROLE, role=Role.VIEWER),
    ),
    "review": (
        "acme",
        Role.MANAGER,
        404,
        lambda w: access_reviews.remove(_row_about(w), by=w.owner),
    ),
    "review demotes": (
        "shop",
        Role.MANAGER,
        403,
        lambda w: access_reviews.change(_row_about(w), Role.VIEWER, by=w.owner),
    ),
    "remove above": ("acme", Role.MANAGER, 404, lambda w: memberships.remove(w.own, by=w.owner)),
    "hand over": ("shop", Role.MANAGER, 404, _hand_over),
    "hand over beneath": ("acme", Role.MANAGER, 404, _hand_over),
    "step down": ("acme", Role.OWNER, 403, _step_down),
    "edit role": ("shop", "helper", 403, _edit_role),
    "delete role": (
        "shop",
        "helper",
        403,
        lambda w: custom_roles.delete(w.role, by=w.owner, replacement=Role.VIEWER),
    ),
    "delete": ("shop", Role.MANAGER, 404, lambda w: nodes.delete(w.shop, by=w.owner)),
    "delete above": ("shop", Role.MANAGER, 404, lambda w: nodes.delete(w.acme, by=w.owner)),
    "stop": ("shop", Role.MANAGER, 200, lambda w: nodes.suspend(w.shop, by=w.owner)),
    "stop above": ("shop", Role.MANAGER, 200, lambda w: nodes.suspend(w.acme, by=w.owner)),
    "deactivate": ("shop", Role.MANAGER, 302, _deactivate),
    "close": ("shop", Role.MANAGER, 302, lambda w: accounts.close(w.person)),
}


@pytest.fixture(scope="module")
def running(tmp_path_factory, django_db_setup, django_db_blocker):
    """Two servers on the tests' database, each one process with what it remembers."""
    with django_db_blocker.unblock():
        environment = {**os.environ, "DEBUG": "true", "DATABASE_URL": url_of_test_database()}
        connection.close()
    ports = [free_port(), free_port()]
    processes = []
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"]
    with (tmp_path_factory.mktemp("servers") / "log").open("w") as log:
        for port in ports:
            options = ["--workers", "1", "--bind", f"127.0.0.1:{port}", "config.wsgi"]
            processes.append(
                subprocess.Popen(
                    [*command, *options],
                    cwd=ROOT,
                    env=environment,
                    stdout=log,
                    stderr=log,
                    preexec_fn=end_with_parent,
                )
            )
    try:
        for port in ports:
            _wait_for(port)
        yield ports
    finally:
        for process in processes:
            process.send_signal(signal.SIGQUIT)  # at once: nothing is being answered
        for process in processes:
            process.wait(120)


@pytest.fixture
def servers(transactional_db, running):
    """Return the ports of both servers, which stay as warm as the tests before have made them."""
    access.forget_permission_ids()
    return running


def _wait_for(port):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def _world(place="shop", role=Role.MANAGER):
    """Return a person with access, what they have opened, and whom they have let in by links."""
    acme = OrganizationFactory()
    shop = WorkspaceFactory(organization=acme)
    owner = MembershipFactory(node=acme, role=Role.OWNER).user
    custom = None
    fields = {"role": role}
    if role == "helper":
        permissions = sorted(Role.MANAGER.permissions_on(Level.WORKSPACE))
        custom = CustomRoleFactory(organization=acme, name="Helper", permissions=permissions)
        fields = {"role": Role.CUSTOM, "custom_role": custom}
    own = MembershipFactory(node=acme if place == "acme" else shop, **fields)
    own = Membership.objects.select_related("user").get(pk=own.pk)
    colleague, other = MembershipFactory.create_batch(2, node=shop)
    row = AccessReviewRowFactory(
        review=AccessReviewFactory(node=shop, size=1, started_by=owner), member=colleague
    )
    owner, person = (User.objects.get(pk=pk) for pk in (owner.pk, own.user_id))
    friends = UserFactory.create_batch(2)
    copied, mailed = sent = [
        invitations.send(shop, friend.email, Role.VIEWER, by=person) for friend in friends
    ]
    offers = [str(each.shown_offer) for each in sent]
    links = [invitations.copy_link(copied, by=person), mailed.mail.context["link"]]
    return SimpleNamespace(
        acme=acme,
        shop=shop,
        owner=owner,
        person=person,
        own=own,
        role=custom,
        colleague=colleague,
        other=other,
        row=row,
        mail=mailed.mail,
        guests=list(zip(map(_session, friends), links, offers, strict=True)),
        place=f"/o/{acme.slug}/w/{shop.slug}/",
    )


def _forms(w):
    """Return what the person has open and filled in: (address, what is posted)."""
    member = w.colleague
    other = w.other
    return [
        (
            "settings/",
            {"version": str(nodes.shown_to_edit(w.shop)), "name": "Taken", "slug": w.shop.slug},
        ),
        (
            f"access/reviews/rows/{w.row.pk}/change/",
            {"role": "maintainer", "version": str(member.shown_role)},
        ),
        ("members/invite/", {"email": "new@example.com", "role": "viewer", "days": 7}),
        (
            "members/selected/",
            {"verb": "suspend", "member": f"{other.pk}:{other.shown}", "confirmed": "on"},
        ),
    ]


def _session(user):
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _answer(port, address, session, form=None):
    """Return the status with which a server answers a visit, or a form that is posted."""
    server = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
    headers = {"Cookie": cookie}
    if form is None:
        server.request("GET", address, headers=headers)
    else:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode({**form, "csrfmiddlewaretoken": TOKEN})
        server.request("POST", address, body, headers)
    try:
        return server.getresponse().status
    finally:
        server.close()


def _accept(port, guest):
    session, link, version = guest
    _answer(port, urlsplit(link).path, session)
    _answer(port, "/invitation/accept/", session, {"version": version})


def _each_sent(servers, number, things):
    """Return each of the things with the server that it is sent to: one in turn, or every one.

    What an even number sends to one of the servers, an odd one sends to the other.
    """
    if IS_THOROUGH:
        return list(product(servers, things))
    return list(zip(islice(cycle(servers), number % 2, None), things, strict=False))


def test_who_has_access_can_do_what_others_lose(servers):
    """Or the other test would prove nothing."""
    w = _world()
    session = _session(w.person)

    for address, form in _forms(w):
        before = snapshot()
        assert (address, _answer(servers[0], w.place + address, session, form)) == (address, 302)
        assert snapshot() != before
    for guest in w.guests:
        before = Membership.objects.count()
        _accept(servers[1], guest)
        assert Membership.objects.count() == before + 1


@pytest.mark.parametrize("part", range(PARTS))
def test_access_is_lost_at_once_in_every_process(servers, part):
    for number, (name, way) in list(enumerate(WAYS.items()))[part::PARTS]:
        place, role, expected, lose = way
        w = _world(place, role)
        session = _session(w.person)
        viewing_as = _session(w.person)
        members = f"{w.place}members/"
        forms = _forms(w)
        _answer(servers[0], f"{w.place}access/view-as/", viewing_as, {"role": "maintainer"})
        for one in (session, viewing_as):
            before = {_answer(port, members, one) for port in servers for _ in range(WARM)}
            assert (name, before) == (name, {200})
        for guest in w.guests:
            _answer(servers[0], urlsplit(guest[1]).path, guest[0])  # they have opened the link, too

        lose(w)

        after = {_answer(port, members, one) for port in servers for one in (session, viewing_as)}
        assert (name, after) == (name, {expected})
        outbox.deliver(w.mail.pk)
        unchanged = snapshot(but_noted=True)
        refused = {expected} if expected != 200 else {200, 409, 422}
        for port, (address, form) in _each_sent(servers, number // PARTS, forms):
            status = _answer(port, w.place + address, session, form)
            assert (name, address, status in refused, status) == (name, address, True, status)
        for port, guest in _each_sent(servers, number // PARTS, w.guests):
            _accept(port, guest)
        assert (name, snapshot(but_noted=True) == unchanged) == (name, True)


def test_staff_lose_their_rights_at_once_in_every_process(servers):
    person = UserFactory(is_staff=True, is_superuser=True)
    acme = OrganizationFactory()
    session = _session(person)
    page = f"/admin/hierarchy/organization/{acme.pk}/change/"
    version = str(nodes.shown_to_edit(acme))
    form = {"version": version, "name": "Taken", "slug": acme.slug, "kind": acme.kind}
    form["why"] = "Asked for by phone"
    assert {_answer(port, page, session) for port in servers for _ in range(WARM)} == {200}
    assert _answer(servers[0], page, session, form | {"name": "Changed"}) == 302

    staff.change_rights(
        User.objects.get(pk=person.pk),
        by=UserFactory(is_staff=True, is_superuser=True),
        is_staff=False,
        is_superuser=False,
        groups=[],
    )

    unchanged = snapshot()
    assert {_answer(port, page, session) for port in servers} == {403}
    assert {_answer(port, page, session, form) for port in servers} == {403}
    assert snapshot() == unchanged
