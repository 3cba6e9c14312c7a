"""The pages of e-mail domains, from adding one to joining by it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from hierarchy.console.navigation import node_url
from hierarchy.models import EmailDomain, JoinMode, Membership
from hierarchy.roles import Role
from tests.factories import EmailDomainFactory, UserFactory
from tests.support.refusals import snapshot

pytestmark = pytest.mark.usefixtures("forget_limits")


@pytest.fixture
def domain(tree):
    return EmailDomainFactory(node=tree.acme, domain="acme.example")


@pytest.fixture
def unproved(tree):
    return EmailDomainFactory(node=tree.acme, domain="acme.example", verified_at=None)


@pytest.fixture
def colleague(db):
    return UserFactory(email="colleague@acme.example")


def _url(domain, verb):
    return node_url(domain.organization, f"email-domain-{verb}", pk=domain.pk)


# --- What owners do ------------------------------------------------------------------------------


def test_add_leads_to_the_proof(sign_in, owner, tree):
    client = sign_in(owner)
    url = node_url(tree.acme, "email-domain-add")

    page = client.get(url)
    response = client.post(url, {"domain": "@Acme.example"}, follow=True)

    added = EmailDomain.objects.get()
    assert page.status_code == 200
    assert added.domain == "acme.example"
    for words in ("TXT", "_canopy-challenge.acme.example", f"canopy-verification={added.token}"):
        assert words in response.content.decode()


@pytest.mark.parametrize("domain", ["", "gmail.com", "com", "127.0.0.1", "x" * 301])
def test_add_refuses_beside_the_field(sign_in, owner, tree, domain):
    client = sign_in(owner)
    before = snapshot()

    response = client.post(node_url(tree.acme, "email-domain-add"), {"domain": domain})

    assert list(response.context["form"].errors) == ["domain"]
    assert snapshot() == before


def test_add_tells_that_it_is_listed(sign_in, owner, domain):
    url = node_url(domain.organization, "email-domain-add")

    response = sign_in(owner).post(url, {"domain": "acme.example"})

    assert response.context["form"].errors["domain"] == ["acme.example is already listed."]


@pytest.mark.parametrize("name", ["manager", "viewer"])
@pytest.mark.parametrize("verb", ["add", "edit", "remove"])
def test_pages_are_for_owners(sign_in, domain, tree, request, name, verb):
    url = _url(domain, verb) if verb != "add" else node_url(tree.acme, "email-domain-add")

    response = sign_in(request.getfixturevalue(name)).get(url)

    assert response.status_code == 403
    first = User.objects.get(email="first@example.com")
    page = response.content.decode()
    assert first.get_full_name() in page
    assert (first.email in page) is (name == "manager")  # who sees the members, too


def test_refusal_says_that_it_takes_an_owner(sign_in, domain, manager):
    page = sign_in(manager).get(_url(domain, "edit")).content.decode()

    assert "Only owners can decide who joins the organization by e-mail domain." in page
    assert "Request access" not in page


def test_edit_says_who_may_join(sign_in, owner, domain, tree):
    client = sign_in(owner)

    offered = client.get(_url(domain, "edit")).context["form"].fields["role"].choices
    response = client.post(_url(domain, "edit"), {"mode": "request", "role": "maintainer"})

    domain.refresh_from_db()
    assert [value for value, _label in offered] == ["manager", "maintainer", "viewer"]
    assert (domain.mode, domain.role) == (JoinMode.REQUEST, Role.MAINTAINER)
    assert response["Location"] == node_url(tree.acme, "joining")


@pytest.mark.parametrize("data", [{"mode": "open"}, {"role": "owner"}, {"role": ""}])
def test_edit_refuses_what_makes_no_sense(sign_in, owner, domain, data):
    client = sign_in(owner)
    before = snapshot()

    response = client.post(_url(domain, "edit"), {"mode": "off", "role": "viewer"} | data)

    assert list(response.context["form"].errors) == list(data)
    assert snapshot() == before


def test_verify_tells_what_the_dns_says(sign_in, owner, unproved, name_server):
    client = sign_in(owner)
    url = _url(unproved, "verify")

    missing = client.post(url, follow=True).content.decode()
    name_server.records[unproved.challenge_name] = [["something else"]]
    mismatch = client.post(url, follow=True).content.decode()
    name_server.records[unproved.challenge_name] = [[unproved.challenge_value]]
    proved = client.post(url, follow=True).content.decode()

    assert "There is no TXT record at _canopy-challenge.acme.example yet." in missing
    assert "has a different value: “something else”" in mismatch
    assert "acme.example has been verified." in proved
    unproved.refresh_from_db()
    assert unproved.is_verified


def test_verify_tells_when_the_dns_is_silent(sign_in, owner, unproved, name_server):
    name_server.is_silent = True

    page = sign_in(owner).post(_url(unproved, "verify"), follow=True).content.decode()

    assert "The name servers of acme.example didn" in page


def test_edit_says_nothing_of_checks_before_there_was_one(sign_in, owner, unproved):
    client = sign_in(owner)

    before = client.get(_url(unproved, "edit")).content.decode()
    EmailDomain.objects.update(last_checked_at=timezone.now())
    after = client.get(_url(unproved, "edit")).content.decode()

    assert ("Last checked" in before, "Last checked" in after) == (False, True)


def test_verify_shows_a_record_as_text(sign_in, owner, unproved, name_server):
    name_server.records[unproved.challenge_name] = [["<script>alert(1)</script>"]]

    page = sign_in(owner).post(_url(unproved, "verify"), follow=True).content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_verify_has_a_limit(sign_in, owner, unproved, name_server):
    client = sign_in(owner)
    url = _url(unproved, "verify")
    answers = [client.post(url).status_code for _number in range(11)]

    assert answers[-2:] == [302, 429]
    assert len(name_server.asked) == 10


def test_remove(sign_in, owner, domain, tree):
    client = sign_in(owner)

    page = client.get(_url(domain, "remove"))
    response = client.post(_url(domain, "remove"))

    assert page.status_code == 200
    assert response["Location"] == node_url(tree.acme, "joining")
    assert EmailDomain.objects.count() == 0


@pytest.mark.parametrize("verb", ["edit", "verify", "remove"])
def test_find_no_domain_of_another_organization(sign_in, owner, tree, verb):
    other = EmailDomainFactory()

    assert sign_in(owner).post(
        node_url(tree.acme, f"email-domain-{verb}", pk=other.pk)
    ).status_code == 404  # fmt: skip


def test_joining_page_lists_domains_to_who_sees_settings(sign_in, domain, manager, owner, tree):
    url = node_url(tree.acme, "joining")

    as_manager = sign_in(manager).get(url).content.decode()
    as_owner = sign_in(owner).get(url).content.decode()

    for page in (as_manager, as_owner):
        assert "acme.example" in page
    assert _url(domain, "edit") not in as_manager
    assert _url(domain, "edit") in as_owner


# --- What the domain's people do -----------------------------------------------------------------


def test_home_lets_one_join(sign_in, domain, colleague, tree):
    client = sign_in(colleague)

    page = client.get("/").content.decode()
    response = client.post(node_url(tree.acme, "join-now"), follow=True)

    assert "Join Acme" in page
    assert node_url(tree.acme, "join-now") in page
    assert Membership.objects.get(user=colleague).role == Role.VIEWER
    assert "Welcome to Acme: your role here is viewer." in response.content.decode()


def test_home_lets_one_ask(sign_in, domain, colleague, tree):
    EmailDomain.objects.update(mode=JoinMode.REQUEST)
    client = sign_in(colleague)

    page = client.get("/").content.decode()

    assert node_url(tree.acme, "join") in page
    assert node_url(tree.acme, "join-now") not in page
    assert client.get(node_url(tree.acme, "join")).status_code == 200
    assert client.post(node_url(tree.acme, "join-now")).status_code == 404


def test_home_offers_nothing_to_others(sign_in, domain, outsider):
    assert "domains" not in sign_in(outsider).get("/").context


def test_home_asks_the_same_number_of_queries(sign_in, domain, colleague):
    client = sign_in(colleague)
    counts = []
    for number in (1, 10):
        EmailDomainFactory.create_batch(number, mode=JoinMode.REQUEST)
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_join_page_lets_one_in(sign_in, domain, colleague, tree):
    page = sign_in(colleague).get(node_url(tree.acme, "join")).content.decode()

    assert "Your acme.example address lets you join as viewer." in page
    assert node_url(tree.acme, "join-now") in page


@pytest.mark.parametrize("name", ["join", "join-now"])
def test_join_is_absent_for_who_has_no_address_there(sign_in, domain, outsider, tree, name):
    assert sign_in(outsider).post(node_url(tree.acme, name)).status_code == 404


def test_joining_takes_a_post(sign_in, domain, colleague, tree):
    assert sign_in(colleague).get(node_url(tree.acme, "join-now")).status_code == 405
    assert Membership.objects.filter(user=colleague).count() == 0


def test_removing_says_that_they_are_kept_out(sign_in, domain, colleague, owner, tree):
    client = sign_in(colleague)
    client.post(node_url(tree.acme, "join-now"))
    membership = Membership.objects.get(user=colleague)

    page = sign_in(owner).get(node_url(tree.acme, "membership-remove", pk=membership.pk))

    assert "so they'll be blocked" in page.content.decode()


def test_edit_shows_both_versions_when_somebody_was_faster(sign_in, owner, domain):
    EmailDomain.objects.update(mode="request", role=Role.VIEWER)
    client = sign_in(owner)
    url = _url(domain, "edit")
    shown = client.get(url).context["form"].initial["version"]
    EmailDomain.objects.update(mode="off")

    mine = {"mode": "request", "role": "viewer", "version": shown}
    stale = client.post(url, mine)
    domain.refresh_from_db()
    kept = domain.mode
    client.post(url, mine | {"version": stale.context["form"].data["version"]})
    domain.refresh_from_db()

    assert (stale.status_code, kept, domain.mode) == (409, "off", "request")
    assert "Someone has changed this since you opened it." in stale.content.decode()
    assert len(list(stale.context["form"].versions.values())) == 1
