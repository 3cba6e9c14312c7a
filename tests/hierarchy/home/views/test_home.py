"""The first page: what this is, or where somebody can go."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hierarchy.console.navigation import node_url
from hierarchy.models import AccessReview, JoinMode, Membership, Status
from hierarchy.roles import Permission, Role
from tests.factories import (
    AccessRequestFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    TransferFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.support.acting import access_requests, access_reviews, memberships, ownership


def _places(response):
    """Return {organization: (may open, workspaces, applications)} as the page shows them."""
    return {
        place.organization.slug: (
            place.may_open,
            [each.slug for each in place.workspaces],
            [each.environment for each in place.applications],
        )
        for place in response.context["places"]
    }


def test_tell_a_visitor_what_this_is(client, tree):
    response = client.get("/")

    assert response.status_code == 200
    assert reverse("account_signup") in response.content.decode()
    assert "Acme" not in response.content.decode()


def test_lead_straight_to_the_only_organization(sign_in, owner, tree):
    assert sign_in(owner).get("/")["Location"] == node_url(tree.acme)


def test_lead_straight_to_the_only_workspace(sign_in, guest, tree):
    assert sign_in(guest).get("/")["Location"] == node_url(tree.shop)


def test_show_the_page_to_who_asks_for_it(sign_in, guest, tree):
    response = sign_in(guest).get("/?all")

    assert _places(response) == {"acme": (False, ["shop"], [])}
    assert f'href="{node_url(tree.acme)}"' not in response.content.decode()


def test_show_only_the_application_that_somebody_was_given(sign_in, outsider, tree):
    MembershipFactory(user=outsider, node=tree.development, role=Role.VIEWER)
    client = sign_in(outsider)

    response = client.get("/?all")

    assert _places(response) == {"acme": (False, [], ["development"])}
    assert "Press" not in response.content.decode()
    assert client.get("/")["Location"] == node_url(tree.development)


def test_show_every_organization_with_its_workspaces(sign_in, owner, tree):
    other = OrganizationFactory(name="Zeta", slug="zeta")
    MembershipFactory(user=owner, node=other)
    WorkspaceFactory(organization=other, slug="one")

    response = sign_in(owner).get("/")

    assert _places(response) == {
        "acme": (True, ["press", "shop"], []),
        "zeta": (True, ["one"], []),
    }


def test_name_only_the_first_workspaces_of_many(sign_in, owner, tree):
    WorkspaceFactory.create_batch(9, organization=tree.acme)

    response = sign_in(owner).get("/?all")

    (place,) = response.context["places"]
    assert (len(place.workspaces), place.has_more) == (6, True)


def test_welcome_a_newcomer(sign_in, outsider):
    response = sign_in(outsider).get("/")

    assert response.status_code == 200
    assert reverse("console:organization-create") in response.content.decode()


@pytest.fixture
def offer(guest, tree):
    return InvitationFactory(node=tree.press, email=guest.email)


def test_stay_while_an_invitation_waits(sign_in, guest, offer):
    response = sign_in(guest).get("/")

    assert response.status_code == 200
    assert response.context["offers"].rows == [offer]


def test_open_an_own_invitation_like_its_link(sign_in, guest, offer):
    client = sign_in(guest)

    response = client.get(reverse("console:invitation-show", kwargs={"pk": offer.pk}), follow=True)

    assert response.status_code == 200
    assert "Press" in response.content.decode()


def test_hide_the_invitation_of_somebody_else(sign_in, outsider, offer):
    url = reverse("console:invitation-show", kwargs={"pk": offer.pk})

    assert sign_in(outsider).get(url).status_code == 404


def _review(node, by, due=14):
    due_at = timezone.now() + timedelta(days=due)
    return access_reviews.start(node, due_at=due_at, by=by)


def _waiting(response):
    return [(review, number) for review, number, _words in response.context["reviews"]]


def test_stay_while_a_review_waits(sign_in, owner, manager, viewer, tree):
    review = _review(tree.acme, owner)
    client = sign_in(owner)

    content = client.get("/").content.decode()

    assert "3 memberships are waiting for your answer" in content
    assert f'href="{node_url(tree.acme, "access-review-detail", pk=review.pk)}"' in content
    assert "Overdue" not in content
    AccessReview.objects.update(due_at=timezone.now())
    assert "Overdue" in client.get("/").content.decode()
    access_reviews.finish(review, by=owner)
    assert client.get("/")["Location"] == node_url(tree.acme)


def test_show_reviews_to_nobody_whom_they_do_not_wait_for(sign_in, owner, viewer, tree):
    _review(tree.acme, owner)

    assert sign_in(viewer).get("/")["Location"] == node_url(tree.acme)


def test_show_many_reviews_by_as_many_queries_as_few(
    sign_in, owner, tree, django_assert_max_num_queries
):
    places = WorkspaceFactory.create_batch(4, organization=tree.acme)
    for place in places:
        MembershipFactory.create_batch(2, node=place)
    client = sign_in(owner)
    first = _review(places[0], owner, due=9)
    with django_assert_max_num_queries(40) as few:
        assert _waiting(client.get("/?all")) == [(first, 2)]
    soon = [_review(place, owner, due=3 + number) for number, place in enumerate(places[1:])]

    with django_assert_max_num_queries(len(few)):
        response = client.get("/?all")

    assert _waiting(response) == [(review, 2) for review in [*soon, first]]


def test_count_what_waits_no_further_than_is_read(sign_in, owner, tree, monkeypatch):
    monkeypatch.setattr(access_reviews, "COUNT_NO_FURTHER", 1)
    MembershipFactory.create_batch(3, node=tree.shop)
    _review(tree.shop, owner)

    assert "1+ memberships are waiting for your answer" in sign_in(owner).get("/").content.decode()


def test_show_nothing_of_a_deleted_tree(sign_in, owner, tree):
    tree.acme.deleted_at = tree.acme.created_at
    tree.acme.save()

    assert _places(sign_in(owner).get("/")) == {}


def test_list_pinned_and_recent_nodes(sign_in, owner, tree):
    client = sign_in(owner)
    client.get(node_url(tree.press))
    client.post(node_url(tree.shop, "pin"))

    response = client.get("/?all")

    assert response.context["pinned"] == [tree.shop]
    assert response.context["recent"] == [tree.press]


def test_cost_the_same_for_one_and_for_many(sign_in, tree, django_assert_max_num_queries):
    person = UserFactory()
    client = sign_in(person)
    MembershipFactory(user=person, node=tree.shop)
    MembershipFactory(user=person, node=tree.development)
    MembershipFactory(user=person, node=OrganizationFactory())
    with django_assert_max_num_queries(30) as few:
        client.get("/?all")
    for organization in OrganizationFactory.create_batch(15):
        MembershipFactory(user=person, node=organization)
        WorkspaceFactory.create_batch(2, organization=organization)

    with django_assert_max_num_queries(len(few)):
        client.get("/?all")


def test_show_many_invitations_page_by_page(sign_in, outsider, tree):
    for number in range(12):
        node = WorkspaceFactory(organization=tree.acme, name=f"Number {number}")
        InvitationFactory(node=node, email=outsider.email)
    client = sign_in(outsider)

    first = client.get("/").context["offers"]
    second = client.get(first.next_url).context["offers"]

    names = [offer.node.name for page in (first, second) for offer in page.rows]
    assert (len(first.rows), second.next_url) == (10, "")
    assert names == [f"Number {number}" for number in reversed(range(12))]


@pytest.mark.parametrize("name", ["transfers", "answerable"])
def test_show_all_that_waits_for_an_answer_page_by_page(sign_in, owner, tree, name):
    made = {"transfers": _six_offers, "answerable": _six_requests}[name](tree)
    client = sign_in(owner)

    first = client.get("/")
    second = client.get(first.context[name].next_url).context[name]

    shown = [row.pk for row in [*first.context[name].rows, *second.rows]]
    assert (len(first.context[name].rows), second.next_url) == (5, "")
    assert "Load more" in first.content.decode()
    assert shown == sorted(made, reverse=True)


def _six_offers(tree):
    offers = TransferFactory.create_batch(6, to_organization=tree.acme, to_workspace=None)
    return [offer.pk for offer in offers]


def _six_requests(tree):
    return [request.pk for request in AccessRequestFactory.create_batch(6, node=tree.shop)]


def test_show_all_reviews_that_wait_page_by_page(sign_in, owner, tree):
    places = WorkspaceFactory.create_batch(6, organization=tree.acme)
    for place in places:
        MembershipFactory(node=place)
    made = [_review(place, owner, due) for due, place in enumerate(places, start=5)]
    client = sign_in(owner)

    first = client.get("/")
    second = client.get(first.context["more_reviews"])

    shown = [review for page in (first, second) for review, _number in _waiting(page)]
    assert shown == made
    assert len(_waiting(first)) == 5


def test_hide_what_one_asks_for_once_one_sees_it_no_more(sign_in, owner, viewer, tree):
    access_requests.ask(tree.shop, by=viewer, permission=Permission.CHANGE_WORKSPACE)
    client = sign_in(viewer)
    url = "/?all"
    seen = client.get(url).content.decode()
    memberships.suspend(Membership.objects.get(user=viewer), by=owner)

    unseen = client.get(url).content.decode()

    assert "<h3>Shop</h3>" in seen
    assert "Shop" not in unseen
    assert "<h3>Acme</h3>" in unseen


def test_offer_no_ownership_of_what_one_sees_no_more(sign_in, owner, manager, tree):
    offered = ownership.offer(tree.acme, manager, by=owner)
    client = sign_in(manager)
    url = reverse("console:ownership-offer-detail", args=[offered.pk])
    assert url in client.get("/?all").content.decode()

    memberships.suspend(Membership.objects.get(user=manager), by=owner)

    assert url not in client.get("/?all").content.decode()


@pytest.mark.parametrize("zone", ["+23:59", "-23:59", "%2B", ""])
@pytest.mark.parametrize("day", ["2024-01-01", "0001-01-01", "9999-12-31"])
def test_show_the_first_page_for_an_odd_key(sign_in, owner, tree, day, zone):
    InvitationFactory(node=tree.shop, email=owner.email)
    keys = {"invitations": [f"{day}T12:00:00{zone}", "5"]}

    assert sign_in(owner).get("/", keys).status_code == 200


ASK = 'href="/o/globex/join/"'


@pytest.fixture
def globex():
    return OrganizationFactory(name="Globex", slug="globex")


def _rest(person, node, **fields):
    return MembershipFactory(user=person, node=node, **fields)


def _ended():
    return {"ends_at": timezone.now() - timedelta(days=1)}


@pytest.mark.parametrize("state", ["suspended", "ended", "not_begun"])
def test_name_what_grants_nothing_at_present_and_let_it_be_left(
    sign_in, outsider, tree, globex, state
):
    begins = {"starts_at": timezone.now() + timedelta(days=1)}
    fields = {"suspended": {"status": Status.SUSPENDED}, "ended": _ended(), "not_begun": begins}
    _rest(outsider, globex, **fields[state])
    _rest(outsider, tree.acme)

    content = sign_in(outsider).get("/?all").content.decode()
    section = content.partition("Memberships without access")[2]

    words = {"suspended": "Suspended", "ended": "Ended", "not_begun": "Not started"}
    assert words[state] in section
    assert node_url(globex, "membership-leave") in section
    assert ASK not in content


@pytest.mark.parametrize("door", ["organization", "domain", "none"])
def test_let_ask_anew_whom_a_door_is_open_to(sign_in, outsider, globex, door):
    _rest(outsider, globex, **_ended())
    globex.may_ask_to_join = door == "organization"
    globex.save()
    domain = outsider.email.rpartition("@")[2] if door == "domain" else "other.example"
    EmailDomainFactory(node=globex, domain=domain, mode=JoinMode.REQUEST)

    content = sign_in(outsider).get("/?all").content.decode()

    assert "You're not in any organization yet" not in content
    assert (ASK in content) == (door != "none")


def test_let_nobody_ask_anew_who_is_suspended(sign_in, outsider, globex):
    globex.may_ask_to_join = True
    globex.save()
    _rest(outsider, globex, **_ended(), status=Status.SUSPENDED)

    assert ASK not in sign_in(outsider).get("/?all").content.decode()


def test_name_many_resting_memberships_page_by_page(
    sign_in, outsider, django_assert_max_num_queries
):
    client = sign_in(outsider)
    _rest(outsider, OrganizationFactory(), **_ended())
    with django_assert_max_num_queries(40) as few:
        client.get("/?all")
    for organization in OrganizationFactory.create_batch(30):
        _rest(outsider, organization, **_ended())

    with django_assert_max_num_queries(len(few)):
        first = client.get("/?all").context["resting"]

    assert first.next_url
    assert len(first.rows) < 31


def test_sign_out_by_the_menu_without_scripts(owner):
    """The form carries its token: nothing but scripts would send it otherwise."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    page = browser.get("/?all").content.decode()
    form = page.partition('action="/accounts/logout/"')[2].partition("</form>")[0]
    token = form.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]

    response = browser.post("/accounts/logout/", {"csrfmiddlewaretoken": token})

    assert response.status_code == 302
    assert "_auth_user_id" not in browser.session
