"""What waits for a person: the narrow question is never "no" where its list has something."""

from datetime import timedelta
from itertools import product
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models import Model
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hierarchy import access
from hierarchy.console.navigation import node_url
from hierarchy.console.paging import Page
from hierarchy.console.views import waiting
from hierarchy.models import Pin, Status
from hierarchy.roles import BUILT_IN, Role
from tests.factories import (
    AccessRequestFactory,
    AccessReviewFactory,
    AccessReviewRowFactory,
    ApplicationFactory,
    CustomRoleFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    OwnershipOfferFactory,
    TransferFactory,
    UserFactory,
    WorkspaceFactory,
)

DAY = timedelta(days=1)
HOME = "/?all"
MOST_QUERIES = 12
SEEING = ["view_organization", "view_workspace", "view_workspace_member"]
DUTIES = [*SEEING, "invite_workspace_member"], [*SEEING, "change_workspace_member"]


def _lists():
    """Return the lists of the home page: the rooms declare them where their addresses are."""
    reverse("console:home")
    return waiting.declared()


def _place():
    """Return the nodes of a small organization: it, a workspace and an application."""
    organization = OrganizationFactory()
    workspace = WorkspaceFactory(organization=organization)
    return [organization, workspace, ApplicationFactory(workspace=workspace)]


def _people(nodes):
    """Return people of every role on every node, some whose role rests, and one without any."""
    composed = [CustomRoleFactory(organization=nodes[0], permissions=each) for each in DUTIES]
    terms = [
        *({"role": role} for role in BUILT_IN),
        *({"role": Role.CUSTOM, "custom_role": role} for role in composed),
        {"role": Role.OWNER, "status": Status.SUSPENDED},
        {"role": Role.OWNER, "ends_at": timezone.now() - DAY},
    ]
    members = [MembershipFactory(node=node, **each) for node, each in product(nodes, terms)]
    return [*(member.user for member in members), UserFactory()]


def _wait_at(nodes):
    """Let something of each kind wait at the nodes, for whoever may answer it."""
    organization, workspace, application = nodes
    for node in nodes:
        AccessRequestFactory(node=node)
        AccessRequestFactory(node=node, user=MembershipFactory(node=node).user)
    TransferFactory(to_organization=organization)
    TransferFactory(node=ApplicationFactory(), to_organization=organization)
    to_workspace = {"to_organization": organization, "to_workspace": workspace}
    TransferFactory(node=ApplicationFactory(), **to_workspace)
    for node in (organization, workspace):
        review = AccessReviewFactory(node=node)
        AccessReviewRowFactory(review=review, member=MembershipFactory(node=application))


def _wait_for(person):
    """Let something of each kind wait that is the person's own, and a pin and a role that rests."""
    domain = EmailDomainFactory(node=OrganizationFactory()).domain
    person.emailaddress_set.create(email=f"person{person.pk}@{domain}", verified=True)
    for node in _place():
        InvitationFactory(node=node, email=person.email)
    AccessRequestFactory(node=OrganizationFactory(), user=person)
    offered = OrganizationFactory()
    MembershipFactory(node=offered, user=person)
    OwnershipOfferFactory(organization=offered, user=person)
    Pin.objects.create(organization=offered, user=person)
    MembershipFactory(node=OrganizationFactory(), user=person, ends_at=timezone.now() - DAY)


def _shown(each, user):
    """Return the keys of all rows that a list shows, on whichever of its pages."""
    model = each.maybe(user).model
    keys = set()
    url = "/"
    while url:
        request = RequestFactory().get(url)
        request.user = user
        context = each.find(request)
        keys |= {row.pk for row in _rows(context) if isinstance(row, model)}
        url = _next_url(context)
    return keys


def _rows(value):
    """Yield the rows that stand anywhere in what a template is given."""
    if isinstance(value, Model):
        yield value
    elif isinstance(value, Page):
        yield from _rows(value.rows)
    elif isinstance(value, dict):
        yield from _rows(list(value.values()))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _rows(part)


def _next_url(context):
    pages = [part.next_url for part in context.values() if isinstance(part, Page)]
    return next(iter(pages), context.get("more_reviews", ""))


def _count(client, url):
    """Return how many queries the second visit takes: the first one notes that it was there."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
        return len(captured)


@pytest.fixture
def world(db):
    """A place where everything waits, and people of every role there; for some more waits."""
    nodes = _place()
    people = _people(nodes)
    _wait_at(nodes)
    for person in people[::4]:
        _wait_for(person)
    return SimpleNamespace(nodes=nodes, people=people)


def test_ask_for_whatever_a_list_shows(world):
    """The proof that the narrow question may decide: it is asked row by row, of everyone."""
    shown = {each.template: 0 for each in _lists()}
    for person, each in product(world.people, _lists()):
        rows = _shown(each, person)
        shown[each.template] += len(rows)
        missed = rows - set(each.maybe(person).values_list("pk", flat=True))
        assert missed == set(), (each.template, str(person))

    assert all(shown.values()), shown


def test_ask_for_whatever_a_list_shows_in_a_view_as_a_role(world):
    owner = world.people[0]
    organization, workspace, _application = world.nodes
    for node, role in product((organization, workspace), BUILT_IN):
        access.view_as(owner, node, role)
        for each in _lists():
            rows = _shown(each, owner)
            assert rows <= set(each.maybe(owner).values_list("pk", flat=True)), each.template
        del owner._view_as


def test_say_no_to_whom_nothing_concerns(world):
    stranger = UserFactory()

    assert [each.template for each in _lists() if each.maybe(stranger).exists()] == []


def test_show_home_in_few_queries_where_nothing_waits(db, sign_in):
    owner = UserFactory()
    nodes = _place()
    MembershipFactory(node=nodes[0], user=owner, role=Role.OWNER)
    guest_at = _place()
    MembershipFactory(node=guest_at[1], user=owner)
    MembershipFactory(node=_place()[2], user=owner)
    client = sign_in(owner)
    for node in (*nodes, guest_at[1]):
        client.get(node_url(node))

    assert _count(client, HOME) <= MOST_QUERIES
    assert client.get(HOME).context["waiting"] == []


def test_show_home_in_as_many_queries_for_much_as_for_little(db, sign_in):
    nodes = _place()
    owner = MembershipFactory(node=nodes[0], role=Role.OWNER).user
    client = sign_in(owner)
    counts = []
    for number in (1, 4):
        for _n in range(number):
            _wait_for(owner)
        TransferFactory.create_batch(number, to_organization=nodes[0])
        AccessRequestFactory.create_batch(number, node=nodes[0])
        if number == 1:
            _wait_at(nodes)
        counts.append(_count(client, HOME))

    assert counts[0] == counts[1]
    assert len(client.get(HOME).context["waiting"]) == len(_lists())


def test_show_members_without_asking_what_may_be_answered_where_nothing_waits(db, sign_in):
    nodes = _place()
    client = sign_in(MembershipFactory(node=nodes[0], role=Role.OWNER).user)
    url = node_url(nodes[0], "membership-index")
    quiet = _count(client, url)

    AccessRequestFactory(node=nodes[0])
    InvitationFactory(node=nodes[0])

    assert _count(client, url) == quiet + 2
    assert client.get(url).context["requests"].rows
    assert client.get(url).context["invited"].rows
