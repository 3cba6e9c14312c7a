"""Who is told of what: docs/decisions/who-is-told.md, walked row by row."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.sealing import unseal
from config.web import request_context
from config.web.request_context import ADMIN, RequestFacts
from hierarchy import audit, outbox
from hierarchy.models import Membership, OutgoingMail, Status
from hierarchy.roles import Level, Permission, Role
from tests.factories import (
    AccessRequestFactory,
    AccessReviewFactory,
    AccessReviewRowFactory,
    CustomRoleFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    OwnershipOfferFactory,
    TransferFactory,
    UserFactory,
    membership_of,
)
from tests.hierarchy.test_every_action import SCENARIOS, _prepare, world
from tests.support.acting import (
    access_requests,
    access_reviews,
    accounts,
    custom_roles,
    invitations,
    memberships,
    nodes,
    ownership,
    transfers,
)

TABLE = Path(__file__).parents[2] / "docs/decisions/who-is-told.md"
NOTICES = {"access_change", "owner_change", "node_change"}
FIRST = "first@example.com"  # the other owner
PERSON = "person@example.com"

__all__ = ["world"]


def _rows():
    """Yield (actions, mails) of each row of the table."""
    for line in TABLE.read_text().splitlines():
        if line.startswith("| `"):
            _left, events, _who, mails, _right = line.split("|")
            yield re.findall(r"`([\w.]+)`", events), set(re.findall(r"`(\w+)`", mails))


def _mails_of_table():
    return {action: mails for actions, mails in _rows() for action in actions}


def _account_mails():
    """Return (template, recipient) of what waits about accounts, by its subject."""
    subjects = {
        "Your account was deactivated": "account_deactivated",
        "Your account is active again": "account_reactivated",
        "Your account has been closed": "account_closed",
        "A second factor was removed from your account": "factor_taken",
    }
    jobs = ProcrastinateJob.objects.filter(task_name="accounts.tasks.send_mail")
    mails = [json.loads(unseal(job.args["sealed"])) for job in jobs]
    return {(subjects[mail["subject"]], mail["recipient"]) for mail in mails}


def _told():
    """Return {(template, recipient)} of all that is queued, each once."""
    queued = list(OutgoingMail.objects.exclude(template="").values_list("template", "recipient"))
    notices = [(template, to) for template, to in queued if template in NOTICES]
    assert len(notices) == len(set(notices))
    return set(queued) | _account_mails()


def test_the_table_has_every_event_once():
    events = [action for actions, _mails in _rows() for action in actions]

    assert sorted(events) == sorted(audit.ACTIONS)


@pytest.mark.parametrize("action", SCENARIOS)
def test_every_event_queues_no_other_mail_than_the_table_says(world, action):
    perform = _prepare(world, action)

    perform()

    assert {template for template, _to in _told()} <= _mails_of_table()[action]


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("verb", ["suspend", "resume", "delete", "restore"])
def test_other_owners_hear_what_becomes_of_a_node(world, viewer, level, verb):
    perform = _prepare(world, f"{level}.{verb}")

    perform()

    assert _told() == {("node_change", FIRST)}
    mail = OutgoingMail.objects.get(template="node_change")
    assert (mail.context["verb"], mail.context["actor"]) == (verb, str(world.owner))
    assert bool(mail.context["until"]) is (verb == "delete")


@pytest.fixture
def person(db):
    return UserFactory(email=PERSON, first_name="Pia")


def _member(tree, person, role=Role.VIEWER, **fields):
    return MembershipFactory(node=tree.acme, user=person, role=role, **fields)


def _approve(tree, person, owner):
    asked = AccessRequestFactory(node=tree.acme, user=person)
    access_requests.approve(asked, Role.OWNER, by=owner)


def _accept(tree, person, owner):
    offer = InvitationFactory(node=tree.acme, email=person.email, role=Role.OWNER, invited_by=owner)
    invitations.accept(offer, by=person)


def _review(tree, person, owner, verb):
    review = AccessReviewFactory(node=tree.acme, size=1)
    row = AccessReviewRowFactory(review=review, member=_member(tree, person))
    if verb == "change":
        access_reviews.change(row, Role.OWNER, by=owner)
    else:
        access_reviews.remove(row, by=owner)


def _hand_over(tree, person, owner, becomes):
    _member(tree, person)
    offer = OwnershipOfferFactory(
        organization=tree.acme, user=person, offered_by=owner, becomes=becomes
    )
    ownership.accept(offer, by=person)


TO_PERSON = ("access_change", PERSON)
TO_OWNER = ("owner_change", FIRST)
BOTH = {TO_PERSON, TO_OWNER}
# What is done: whom it tells, and of what. `owner` does it.
CASES = {
    "become an owner": (
        lambda t, p, o: memberships.change_role(_member(t, p), Role.OWNER, by=o),
        BOTH,
        "became_owner",
    ),
    "become an owner in a review": (
        lambda t, p, o: _review(t, p, o, "change"),
        BOTH,
        "became_owner",
    ),
    "become an owner by a request": (
        _approve,
        {("access_answer", PERSON), TO_OWNER},
        "became_owner",
    ),
    "become an owner by an invitation": (
        _accept,
        {TO_OWNER, ("owner_change", "owner@example.com")},
        "became_owner",
    ),
    "take over": (
        lambda t, p, o: _hand_over(t, p, o, Role.MANAGER),
        {("ownership_answer", "owner@example.com"), TO_OWNER},
        "handed_over",
    ),
    "become an owner by an offer": (
        lambda t, p, o: _hand_over(t, p, o, Role.OWNER),
        {("ownership_answer", "owner@example.com"), TO_OWNER},
        "became_owner",
    ),
    "be no owner": (
        lambda t, p, o: memberships.change_role(_member(t, p, Role.OWNER), Role.VIEWER, by=o),
        BOTH,
        "no_owner",
    ),
    "get another role": (
        lambda t, p, o: memberships.change_role(_member(t, p), Role.MANAGER, by=o),
        set(),
        "",
    ),
    "be suspended": (
        lambda t, p, o: memberships.suspend(_member(t, p), by=o),
        {TO_PERSON},
        "suspended",
    ),
    "be suspended as an owner": (
        lambda t, p, o: memberships.suspend(_member(t, p, Role.OWNER), by=o),
        BOTH,
        "suspended",
    ),
    "be reactivated": (
        lambda t, p, o: memberships.reactivate(_member(t, p, status=Status.SUSPENDED), by=o),
        {TO_PERSON},
        "reactivated",
    ),
    "be removed": (lambda t, p, o: memberships.remove(_member(t, p), by=o), {TO_PERSON}, "removed"),
    "be removed in a review": (
        lambda t, p, o: _review(t, p, o, "remove"),
        {TO_PERSON},
        "removed",
    ),
    "be removed as an owner": (
        lambda t, p, o: memberships.remove(_member(t, p, Role.OWNER), by=o),
        BOTH,
        "removed",
    ),
    "leave": (lambda t, p, o: memberships.leave(_member(t, p), by=p), set(), ""),
    "leave as an owner": (
        lambda t, p, o: memberships.leave(_member(t, p, Role.OWNER), by=p),
        {TO_OWNER, ("owner_change", "owner@example.com")},
        "left",
    ),
    "end one day": (
        lambda t, p, o: memberships.change_dates(
            _member(t, p, Role.OWNER),
            starts_at=None,
            ends_at=timezone.now() + timedelta(days=9),
            by=o,
        ),
        BOTH,
        "dates",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_tell_who_is_concerned_once(tree, owner, viewer, person, case):
    act, told, change = CASES[case]

    act(tree, person, owner)

    assert _told() == told
    changes = {m.context["change"] for m in OutgoingMail.objects.filter(template__in=NOTICES)}
    assert changes == ({change} - {""})


@pytest.mark.parametrize("case", CASES)
def test_every_notice_can_be_read(tree, owner, person, mailoutbox, case):
    act, _told, _change = CASES[case]
    act(tree, person, owner)

    for mail in OutgoingMail.objects.all():
        outbox.deliver(mail.pk)

    notices = OutgoingMail.objects.filter(template__in=NOTICES)
    notices = set(notices.values_list("message_id", flat=True))
    for message in mailoutbox:
        text = message.body
        (html, _type) = message.alternatives[0]
        assert "Acme" in message.subject
        assert "Acme" in text
        assert "{{" not in text + html
        if message.extra_headers["Message-ID"] in notices:
            assert message.subject in html.replace("&#x27;", "'")


def test_the_mail_to_a_member_names_nobody(tree, owner, person):
    memberships.remove(_member(tree, person), by=owner)

    context = OutgoingMail.objects.get().context
    assert owner.first_name not in str(context)
    assert owner.email not in str(context)


def test_staff_are_told_as_platform_staff(tree, staff, person):
    with request_context.serving(RequestFacts(door=ADMIN)):
        memberships.add(tree.acme, person, Role.OWNER, by=staff)
        nodes.suspend(tree.shop, by=staff)

    assert _told() == {
        ("access_change", PERSON),
        ("owner_change", FIRST),
        ("node_change", FIRST),
        ("node_change", PERSON),
    }
    for mail in OutgoingMail.objects.all():
        assert mail.context.get("actor") in (None, "Platform staff")
        assert staff.first_name not in str(mail.context)


def test_owners_of_a_workspace_hear_of_it_and_of_nothing_beside(tree, owner, person):
    MembershipFactory(node=tree.shop, user=person, role=Role.OWNER)

    nodes.suspend(tree.press, by=owner)
    assert _told() == {("node_change", FIRST)}

    nodes.suspend(tree.shop, by=owner)
    assert ("node_change", PERSON) in _told_by_each()


def _told_by_each():
    return set(OutgoingMail.objects.values_list("template", "recipient"))


def test_a_composed_role_of_all_permissions_makes_owners(tree, owner, person):
    role = CustomRoleFactory(organization=tree.acme, permissions=list(Permission))

    memberships.change_role(_member(tree, person), role, by=owner)

    assert _told() == BOTH


def test_editing_a_role_tells_whom_it_makes_owners_in_one_mail_to_each_owner(tree, owner):
    role = CustomRoleFactory(organization=tree.acme)
    holders = [MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=role) for _ in "123"]

    custom_roles.edit(role, name="Everything", permissions=list(Permission), by=owner)

    assert _told() == {TO_OWNER} | {("access_change", each.user.email) for each in holders}
    names = OutgoingMail.objects.get(template="owner_change").context["person"]
    assert names == ", ".join(str(each.user) for each in holders)


def test_deleting_a_role_tells_whom_its_replacement_makes_owners(tree, owner, person):
    role = CustomRoleFactory(organization=tree.acme)
    _member(tree, person, Role.CUSTOM, custom_role=role)

    custom_roles.delete(role, replacement=Role.OWNER, by=owner)

    assert _told() == BOTH


def test_who_loses_access_with_a_node_that_is_handed_over_hears_of_it(tree, owner, person):
    globex = OrganizationFactory(name="Globex")
    MembershipFactory(node=globex, user=owner, role=Role.OWNER)
    MembershipFactory(node=tree.shop, user=person)
    offer = TransferFactory(node=tree.shop, to_organization=globex, offered_by=owner)

    transfers.accept(offer, by=owner, keep=[])

    assert ("access_change", PERSON) in _told_by_each()
    assert "Globex" not in str(OutgoingMail.objects.get(recipient=PERSON).context)


def test_an_owner_whose_account_is_off_and_on_again(tree, owner, staff, person):
    _member(tree, person, Role.OWNER)
    owners = {TO_OWNER, ("owner_change", "owner@example.com")}

    accounts.deactivate(person, by=staff)
    assert _told() == owners | {("account_deactivated", PERSON)}

    person.refresh_from_db()
    OutgoingMail.objects.all().delete()
    accounts.reactivate(person, by=staff)
    assert _told() == owners | {("account_deactivated", PERSON), ("account_reactivated", PERSON)}


def test_closing_an_account_tells_its_address_and_the_other_owners(tree, owner, person):
    _member(tree, person, Role.OWNER)

    accounts.close(person)

    owners = {TO_OWNER, ("owner_change", "owner@example.com")}
    assert _told() == owners | {("account_closed", PERSON)}


def test_telling_owners_costs_the_same_for_one_and_for_many(tree, owner):
    counts = []
    for number in (1, 20):
        for _time in range(number):
            MembershipFactory(node=tree.acme, role=Role.OWNER)
        member = MembershipFactory(node=tree.acme)
        with CaptureQueriesContext(connection) as queries:
            memberships.change_role(member, Role.OWNER, by=owner)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert OutgoingMail.objects.filter(template="owner_change").count() > 20


@pytest.mark.parametrize("verb", ["suspend", "delete"])
def test_a_notice_leaves_though_its_node_is_closed_by_then(tree, owner, person, mailoutbox, verb):
    memberships.remove(_member(tree, person), by=owner)
    getattr(nodes, verb)(tree.acme, by=owner)

    for mail in OutgoingMail.objects.all():
        outbox.deliver(mail.pk)

    assert {to for message in mailoutbox for to in message.to} == {PERSON, FIRST}


def test_nothing_is_told_of_what_is_refused(tree, owner):
    last = membership_of(owner, tree.acme)
    Membership.objects.filter(role=Role.OWNER).exclude(pk=last.pk).delete()

    with pytest.raises(Exception, match="needs an active owner"):
        memberships.leave(last, by=owner)

    assert _told() == set()
