"""Inviting many at once, and what became of it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from hierarchy.console.navigation import node_url
from hierarchy.models import Invitation, State
from hierarchy.roles import Role
from tests.factories import CustomRoleFactory, InvitationFactory, MembershipFactory
from tests.support.refusals import snapshot
from tests.support.untouched import submitted

pytestmark = pytest.mark.usefixtures("forget_limits")


@pytest.fixture
def url(tree):
    return node_url(tree.shop, "invitation-send-many")


def _data(addresses="", **more):
    return {"addresses": addresses, "role": "viewer", "message": "", "days": "7"} | more


def _file(text):
    content = text if isinstance(text, bytes) else text.encode()
    return SimpleUploadedFile("people.csv", content, content_type="text/csv")


def test_show_each_verdict_before_anything_is_sent(sign_in, owner, tree, url):
    member = MembershipFactory(node=tree.shop).user.email
    client = sign_in(owner)
    before = snapshot()

    page = client.post(url, _data(f"a@example.com, manager\nb@example.com\n{member}\nnobody"))

    fine = [(e.offer.email, e.offer.role) for e in page.context["fine"]]
    assert fine == [("a@example.com", Role.MANAGER), ("b@example.com", Role.VIEWER)]
    assert [e.verdict for e in page.context["others"]] == ["member", "malformed"]
    assert "Invite 2 people" in page.content.decode()
    assert snapshot() == before


def test_judge_each_role_that_can_not_be_given(sign_in, manager, tree, url):
    CustomRoleFactory(organization=tree.acme, name="Guest", permissions=["view_organization"])
    lines = ["a@example.com, owner", "b@example.com, Guest", "c@example.com, emperor"]
    client = sign_in(manager)
    before = snapshot()

    text = "\n".join([*lines, "d@example.com"])
    page = client.post(url, _data(text))
    client.post(url, _data(text, confirmed="yes"))

    assert [e.verdict for e in page.context["others"]] == ["beyond", "beyond", "no_role"]
    assert [e.offer.email for e in page.context["fine"]] == ["d@example.com"]
    assert "emperor" in page.content.decode()
    assert snapshot() == before


def test_confirm_what_was_shown(sign_in, owner, tree, url):
    client = sign_in(owner)
    common = {"message": "Hi", "ends_at": "2090-05-04T12:34"}
    page = client.post(url, _data("a@example.com, manager\nb@example.com", **common))

    data = _data(page.context["addresses"], **common, confirmed="yes")
    answer = client.post(url, data, follow=True)

    assert "2 people have been invited." in answer.content.decode()
    rows = Invitation.objects.order_by("email").values_list("email", "role", "message")
    assert list(rows) == [("a@example.com", "manager", "Hi"), ("b@example.com", "viewer", "Hi")]
    assert 'name="ends_at" value="2090-05-04T12:34"' in page.content.decode()
    assert {row.access_ends_at.year for row in Invitation.objects.all()} == {2090}


def test_confirm_the_instant_that_was_chosen_in_a_repeated_hour(sign_in, owner, tree, url):
    owner.time_zone = "Europe/Rome"
    owner.save()
    client = sign_in(owner)
    told = _data("a@example.com", ends_at="2027-10-31T02:30")

    asked = client.post(url, told)
    shown = client.post(url, told | {"ends_at_offset": "+01:00"})
    kept = submitted(shown.content.decode(), field="ends_at")
    client.post(url, kept | {"confirmed": "yes"})

    assert list(asked.context["form"].errors) == ["ends_at"]
    assert Invitation.objects.get().access_ends_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_tell_the_limit_before_anything_is_confirmed(sign_in, owner, tree, url):
    client = sign_in(owner)
    many = "\n".join(f"p{number}@example.com" for number in range(51))

    within = client.post(url, _data("a@example.com")).content.decode()
    beyond = client.post(url, _data(many)).content.decode()
    refused = client.post(url, _data(many, confirmed="yes")).content.decode()

    assert "50 more invitations can be sent today." in within
    assert "Send invitation" in within
    assert "50 more invitations can be sent today" in beyond
    assert 'name="confirmed"' not in beyond
    assert "50 are left." in refused
    assert not Invitation.objects.exists()


def test_send_the_role_that_was_shown_whatever_another_is_called(sign_in, owner, tree, url):
    low = CustomRoleFactory(organization=tree.acme, name="Guest", permissions=["view_workspace"])
    CustomRoleFactory(
        organization=tree.acme, name=f"custom-{low.pk}", permissions=["delete_workspace"]
    )
    client = sign_in(owner)
    page = client.post(url, _data("a@example.com, Guest"))

    client.post(url, _data(page.context["addresses"], confirmed="yes"))

    assert Invitation.objects.get().custom_role == low


def test_send_nothing_for_a_word_that_means_two_roles(sign_in, owner, tree, url):
    for name in ("Straße", "STRASSE"):
        CustomRoleFactory(organization=tree.acme, name=name, permissions=["view_workspace"])

    page = sign_in(owner).post(url, _data("a@example.com, strasse", confirmed="yes"))

    assert "is the name of several roles" in page.content.decode()
    assert not Invitation.objects.exists()


def test_send_nothing_when_something_changed_meanwhile(sign_in, owner, tree, url):
    client = sign_in(owner)
    client.post(url, _data("a@example.com\nb@example.com"))
    InvitationFactory(node=tree.shop, email="a@example.com")
    before = snapshot()

    page = client.post(url, _data("a@example.com\nb@example.com", confirmed="yes"))

    content = page.content.decode()
    assert "Nothing has been sent." in content
    assert [e.offer.email for e in page.context["fine"]] == ["b@example.com"]
    assert snapshot() == before


def test_read_a_file(sign_in, owner, url):
    file = _file("\ufeffname,email,role\nA,a@example.com,Manager\nB,b@example.com,\n")

    page = sign_in(owner).post(url, _data("c@example.com", file=file))

    fine = [(e.offer.email, e.offer.role) for e in page.context["fine"]]
    assert fine == [
        ("c@example.com", Role.VIEWER),
        ("a@example.com", Role.MANAGER),
        ("b@example.com", Role.VIEWER),
    ]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "addresses"),
        ({"addresses": "\n".join(f"p{n}@example.com" for n in range(1_001))}, "addresses"),
        ({"addresses": "a@example.com", "role": "owner"}, "role"),
        ({"addresses": "a@example.com", "days": "31"}, "days"),
        ({"file": _file(b"\xff\xfe")}, "file"),
        ({"file": _file("a@example.com\0")}, "file"),
        ({"file": _file("adresse;rolle\na@example.com;viewer")}, "file"),
        ({"file": _file("x" * 300_000)}, "file"),
        ({"file": _file('"' + "x" * 200_000 + "@example.com")}, None),
    ],
)
def test_refuse_what_makes_no_sense(sign_in, manager, url, data, field):
    client = sign_in(manager)
    before = snapshot()

    page = client.post(url, _data() | data)

    assert page.status_code == 200
    assert list(page.context["form"].errors) == ([field] if field else [])
    assert snapshot() == before


@pytest.mark.parametrize(("actor", "status"), [("maintainer", 403), ("outsider", 404)])
def test_only_for_who_may_invite(sign_in, url, actor, status, request):
    client = sign_in(request.getfixturevalue(actor))

    assert client.get(url).status_code == status
    assert client.post(url, _data("a@example.com", confirmed="yes")).status_code == status
    assert not Invitation.objects.exists()


def test_list_invitations_by_state_and_address(sign_in, owner, tree):
    now = timezone.now()
    InvitationFactory(node=tree.shop, email="open@example.com")
    InvitationFactory(node=tree.shop, email="late@example.com", expires_at=now - timedelta(1))
    InvitationFactory(node=tree.shop, email="gone@example.com", state=State.REVOKED, decided_at=now)
    InvitationFactory(node=tree.press, email="other@example.com")
    client = sign_in(owner)
    url = node_url(tree.shop, "invitation-index")

    def found(**query):
        return {row.invitation.email for row in client.get(url, query).context["rows"]}

    assert found() == {"open@example.com", "late@example.com", "gone@example.com"}
    assert found(state="pending") == {"open@example.com"}
    assert found(state="expired") == {"late@example.com"}
    assert found(state="revoked", q="GONE") == {"gone@example.com"}
    assert found(q="nobody") == set()


def test_offer_actions_only_where_they_make_sense(sign_in, owner, manager, tree):
    InvitationFactory(node=tree.shop, role=Role.OWNER)
    InvitationFactory(node=tree.shop, state=State.DECLINED, decided_at=timezone.now())
    url = node_url(tree.shop, "invitation-index")

    may = [row.may_change for row in sign_in(owner).get(url).context["rows"]]
    may_manager = [row.may_change for row in sign_in(manager).get(url).context["rows"]]

    assert (may, may_manager) == ([False, True], [False, False])


def test_list_costs_the_same_for_one_and_for_many(
    sign_in, owner, tree, django_assert_max_num_queries
):
    client = sign_in(owner)
    url = node_url(tree.shop, "invitation-index")
    InvitationFactory(node=tree.shop)
    client.get(url)
    with django_assert_max_num_queries(40) as one:
        client.get(url)
    InvitationFactory.create_batch(30, node=tree.shop)

    with django_assert_max_num_queries(len(one)):
        client.get(url)


def test_extend_and_change_role_from_the_list(sign_in, owner, tree):
    invitation = InvitationFactory(node=tree.shop)
    client = sign_in(owner)

    def page(verb, **data):
        url = node_url(tree.shop, f"invitation-{verb}", pk=invitation.pk)
        assert client.get(url).status_code == 200
        return client.post(url, data, follow=True).content.decode()

    assert "can answer until" in page("extend", days="30")
    assert "is now invited as manager." in page("change-role", role="manager")
    invitation.refresh_from_db()
    assert invitation.role == Role.MANAGER
    assert invitation.expires_at > timezone.now() + timedelta(days=29)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_change_role_shows_both_versions_when_somebody_was_faster(sign_in, owner, tree, headers):
    invitation = InvitationFactory(node=tree.shop)
    client = sign_in(owner)
    url = node_url(tree.shop, "invitation-change-role", pk=invitation.pk)
    shown = client.get(url).context["form"].initial["version"]
    Invitation.objects.filter(pk=invitation.pk).update(role=Role.MANAGER)

    stale = client.post(url, {"role": "maintainer", "version": shown}, headers=headers)
    invitation.refresh_from_db()
    kept = invitation.role
    version = stale.context["form"].data["version"]
    client.post(url, {"role": "maintainer", "version": version}, headers=headers)
    invitation.refresh_from_db()

    assert (stale.status_code, kept, invitation.role) == (409, Role.MANAGER, Role.MAINTAINER)
    assert list(stale.context["form"].versions.values()) == [("Role", "Maintainer", "Manager")]
    assert "Someone has changed this" in stale.content.decode()


@pytest.mark.parametrize("verb", ["resend", "revoke", "extend", "change-role"])
def test_come_back_to_the_list_as_it_was(sign_in, owner, tree, verb):
    invitation = InvitationFactory(node=tree.shop)
    client = sign_in(owner)
    board = node_url(tree.shop, "invitation-index") + "?state=pending"
    url = node_url(tree.shop, f"invitation-{verb}", pk=invitation.pk) + "?next="
    data = {"days": "30", "role": "manager"}

    content = client.get(board).content.decode()
    away = client.post(url + "https://evil.example/", data)["Location"]
    invitation.refresh_from_db()
    Invitation.objects.update(state=State.PENDING, decided_at=None, role=Role.VIEWER)

    assert f"{url}{quote(board, safe='')}" in content
    assert "evil" not in away
    assert client.post(url + quote(board), data)["Location"] == board


@pytest.mark.parametrize(("left", "proposed"), [(-1, 7), (3, 10), (29, 30)])
def test_extend_proposes_a_term_after_the_present_end(sign_in, owner, tree, left, proposed):
    ends = timezone.now() + timedelta(days=left)
    invitation = InvitationFactory(node=tree.shop, expires_at=ends)

    page = sign_in(owner).get(node_url(tree.shop, "invitation-extend", pk=invitation.pk))

    assert page.context["form"]["days"].value() == proposed
    assert "Expires" in page.content.decode()


def test_list_tells_no_end_of_what_is_decided(sign_in, owner, tree):
    now = timezone.now()
    InvitationFactory(node=tree.shop, state=State.REVOKED, decided_at=now)
    client = sign_in(owner)
    url = node_url(tree.shop, "invitation-index")

    assert ">closed<" in client.get(url).content.decode()
    empty = client.get(url, {"state": "declined"}).content.decode()
    assert "No invitations in this state" in empty
    assert "spelling" not in empty


def test_ask_for_addresses_or_a_file(sign_in, owner, url):
    assert sign_in(owner).get(url).content.decode().count("(one of the two)") == 2


def test_restrict_invitations_to_domains(sign_in, owner, tree):
    client = sign_in(owner)
    url = node_url(tree.acme, "joining")

    wrong = client.post(url, {"invitation_domains": "not a domain!"})
    client.post(url, {"invitation_domains": "Example.com\n@example.org, bücher.example"})

    tree.acme.refresh_from_db()
    assert "a valid domain" in wrong.content.decode()
    domains = ["example.com", "example.org", "xn--bcher-kva.example"]
    assert tree.acme.allowed_domains == domains
