"""Handing a workspace or an application over, in the console."""

import re
from html import unescape
from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts.models import User
from hierarchy.console.navigation import node_url
from hierarchy.models import (
    Application,
    Organization,
    OutgoingMail,
    Status,
    Transfer,
    Workspace,
    role_columns,
)
from hierarchy.nodes import transfer_effects
from hierarchy.refusals import Refused
from hierarchy.roles import Role
from tests.factories import (
    BlockedPersonFactory,
    CustomRoleFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    WorkspaceFactory,
)
from tests.support.acting import access_reviews, accounts, transfers
from tests.support.planted import planted

SHOP = "/o/acme/w/shop/settings/transfer/"
WEB = "/o/acme/w/shop/a/web/production/settings/transfer/"


@pytest.fixture
def globex(tree):
    return planted("Globex, its boss and Labs", _globex)


def _globex():
    organization = OrganizationFactory(name="Globex", slug="globex")
    WorkspaceFactory(organization=organization, name="Labs", slug="labs")
    boss = MembershipFactory(node=organization, user__email="boss@example.com", role=Role.OWNER)
    return SimpleNamespace(organization=organization, boss=boss.user)


def _offer(client, url, place):
    """Give the address, then type the name if that is asked for."""
    asked = client.post(url, {"place": place}, follow=True).content.decode()
    name = re.search(r'data-must-equal="([^"]*)"', asked)
    if name is None:
        return asked
    version = re.search(r'name="version" value="([^"]*)"', asked)
    data = {"place": place, "confirmation": name[1], "version": version[1]}
    return client.post(url, data, follow=True).content.decode()


def _fields(content):
    """Return what the form of acceptance would send as it stands."""
    content = content.partition("/decline/")[0]
    found = re.findall(r'name="(slug|version|workspace)" value="([^"]*)"', content)
    return dict(found)


def _accept(client, offer, **fields):
    shown = client.get(f"/transfers/{offer.pk}/?workspace=labs").content.decode()
    data = _fields(shown) | fields
    return client.post(f"/transfers/{offer.pk}/accept/", data, follow=True)


def test_offer_and_accept_a_workspace(enter, owner, viewer, tree, globex):
    stays = MembershipFactory(node=tree.shop, user__email="stays@example.com")
    InvitationFactory(node=tree.shop)
    page = enter(owner).get(SHOP).content.decode()

    offered = _offer(enter(owner), SHOP, "GLOBEX")
    offer = Transfer.objects.get()
    client = enter(globex.boss)
    home = client.get("/").content.decode()
    shown = client.get(f"/transfers/{offer.pk}/").content.decode()
    done = _accept(client, offer, keep=[stays.pk], slug="store").content.decode()

    assert "viewer@example.com" in page
    assert "1 open invitation ends." in page
    assert "Shop has been offered to globex." in offered
    assert "Withdraw offer" in offered
    assert "Transfers offered to you" in home
    assert "stays@example.com" in shown
    assert "viewer@example.com" not in shown
    assert "Shop now belongs to Globex." in done
    shop = Workspace.objects.get(pk=tree.shop.pk)
    assert (shop.organization, shop.slug) == (globex.organization, "store")
    assert stays.user.memberships.exists()


def test_the_old_address_redirects(enter, owner, tree, globex):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    client = enter(globex.boss)
    _accept(client, offer)

    response = client.get("/o/acme/w/shop/a/web/production/")

    assert response.url == "/o/globex/w/shop/a/web/production/"


def test_an_application_asks_for_its_workspace(enter, owner, tree, globex):
    _offer(enter(owner), WEB, "globex")
    offer = Transfer.objects.get()
    client = enter(globex.boss)

    asked = client.get(f"/transfers/{offer.pk}/").content.decode()
    wrong = client.get(f"/transfers/{offer.pk}/?workspace=shop").content.decode()
    missing = client.post(f"/transfers/{offer.pk}/accept/", {}).content.decode()
    done = _accept(client, offer).content.decode()

    assert "Where should it go?" in asked
    assert "It currently belongs to Acme." in asked
    assert "s no workspace with that slug that you can add applications to." in wrong
    assert "Where should it go?" in missing
    assert "Web now belongs to Labs." in done
    assert Application.objects.get(pk=tree.production.pk).workspace.name == "Labs"


def test_one_person_can_do_both(enter, owner, tree):
    client = enter(owner)
    offered = _offer(client, WEB, "http://localhost:8000/o/acme/w/press/")

    assert "Accept it there…" in offered
    _accept(client, Transfer.objects.get())
    assert Application.objects.get(pk=tree.production.pk).workspace == tree.press


@pytest.mark.parametrize(
    ("url", "place", "sentence"),
    [
        (SHOP, "", "This field is required."),
        (WEB, "", "Choose a workspace, or enter an address."),
        (SHOP, "acme", "It's already there."),
        (SHOP, "acme/press", "A workspace can only go to an organization."),
        (SHOP, "a/b/c/d/e", "Enter an address such as acme or acme/shop."),
        (SHOP, "http://[", "Enter an address such as acme or acme/shop."),
        (SHOP, "no slug", "Enter an address such as acme or acme/shop."),
        (SHOP, "\u202eebolg", "Enter an address such as acme or acme/shop."),
        (SHOP, "ada@example.com", "Enter an address such as acme or acme/shop."),
        (SHOP, "a" * 61, "Enter an address such as acme or acme/shop."),
        (WEB, "globex/labs", "can't see a workspace at that address."),
        (WEB, "globex/nowhere", "can't see a workspace at that address."),
        (WEB, "acme/shop", "It's already there."),
    ],
)
def test_a_refused_place_is_kept_and_named(enter, owner, tree, globex, url, place, sentence):
    OrganizationFactory(slug="closed", deleted_at=timezone.now())
    OrganizationFactory(slug="paused", suspended_at=timezone.now())

    content = _offer(enter(owner), url, place)

    assert sentence in unescape(content)
    assert f'value="{place}"' in content or not place
    assert not Transfer.objects.exists()


def test_who_may_not_accept_what_they_offered_is_not_asked_to(enter, tree, globex):
    mover = MembershipFactory(node=tree.shop, role=Role.OWNER).user
    MembershipFactory(node=globex.organization, user=mover, role=Role.OWNER)

    offered = _offer(enter(mover), SHOP, "globex")

    assert "Withdraw offer" in offered
    assert "Accept it there…" not in offered
    page = enter(mover).get(f"/transfers/{Transfer.objects.get().pk}/").content.decode()
    assert "You made this offer, so someone else at Globex has to accept it." in page
    assert "Move it to" not in page
    assert not OutgoingMail.objects.filter(
        template="transfer_offer", recipient=mover.email
    ).exists()


def test_withdraw_the_offer_that_was_shown_and_no_other(enter, owner, tree, globex):
    client = enter(owner)
    shown = transfers.offer(tree.shop, globex.organization, by=owner)
    transfers.withdraw(shown, by=owner)
    other = transfers.offer(tree.shop, globex.organization, by=owner)

    answer = client.post(f"{SHOP}withdraw/", {"offer": shown.pk}, follow=True).content.decode()

    assert "This offer is no longer open." in answer
    assert list(Transfer.objects.pending()) == [other]


def test_no_offer_leaves_before_the_name_is_typed(enter, owner, tree, globex):
    client = enter(owner)

    asked = client.post(SHOP, {"place": "globex"}).content.decode()
    wrong = client.post(SHOP, {"place": "globex", "confirmation": "Shap"}).content.decode()

    assert "Offer Shop to globex?" in asked
    assert "The people who can accept it in globex get an e-mail right away." in asked
    assert "Type the name exactly as shown." in wrong
    assert not Transfer.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_an_application_is_offered_to_a_workspace_that_one_sees(enter, owner, tree):
    client = enter(owner)

    page = client.get(WEB).content.decode()
    data = {"near": "acme/press", "place": ""}
    asked = client.post(WEB, data).content.decode()

    assert '<option value="acme/press">Press</option>' in page
    assert "acme/shop" not in re.findall(r'<option value="([^"]*)"', page)
    assert "Its own settings and trusted origins move too." in page
    assert "if it leaves the organization" in page
    assert "Offer Web to Press?" in asked
    assert "custom roles end" not in asked
    assert "Its activity so far stays in Shop" in asked
    assert 'name="place" value="acme/press"' in asked


def test_the_link_of_an_offer_that_is_over_says_so(enter, owner, viewer, tree, globex):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    transfers.withdraw(offer, by=owner)

    client = enter(globex.boss)
    url = f"/transfers/{offer.pk}/"
    shown, taken, declined = (
        answer.content.decode()
        for answer in (
            client.get(url, follow=True),
            client.post(f"{url}accept/", follow=True),
            client.post(f"{url}decline/", follow=True),
        )
    )

    assert "That offer has been withdrawn." in shown
    assert "That offer has been withdrawn." in taken
    assert "This offer is no longer open." in declined
    assert enter(viewer).get(url).status_code == 404


def test_an_organization_that_one_does_not_see_is_called_by_its_address(enter, owner, tree, globex):
    mover = MembershipFactory(node=tree.shop, role=Role.OWNER).user
    MembershipFactory(node=globex.organization, user=mover)

    unseen, seen = (
        enter(person).post(SHOP, {"place": "globex"}).content.decode() for person in (owner, mover)
    )

    assert "Offer Shop to globex?" in unseen
    assert "Globex" not in unseen
    assert "Offer Shop to Globex?" in seen


def test_decline_and_withdraw(enter, owner, tree, globex):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    answer = enter(globex.boss).post(f"/transfers/{offer.pk}/decline/", follow=True)
    transfers.offer(tree.shop, globex.organization, by=owner)
    withdrawn = enter(owner).post(f"{SHOP}withdraw/", follow=True)

    assert "ve declined." in answer.content.decode()
    assert "The offer has been withdrawn." in withdrawn.content.decode()
    assert not Transfer.objects.pending().exists()


def test_a_changed_preview_is_shown_again(enter, owner, tree, globex):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    client = enter(globex.boss)
    shown = _fields(client.get(f"/transfers/{offer.pk}/").content.decode())
    late = MembershipFactory(node=tree.shop, user__email="late@example.com")

    again = client.post(f"/transfers/{offer.pk}/accept/", shown).content.decode()
    done = client.post(f"/transfers/{offer.pk}/accept/", _fields(again) | {"keep": [late.pk]})

    assert "Someone has changed this since you opened it." in again
    assert "late@example.com" in again
    assert done.status_code == 302


def test_an_offer_is_shown_to_nobody_else(enter, owner, viewer, tree, globex):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    for person in (owner, viewer):
        client = enter(person)
        assert client.get(f"/transfers/{offer.pk}/").status_code == 404
        assert client.post(f"/transfers/{offer.pk}/accept/").status_code == 404
        assert client.post(f"/transfers/{offer.pk}/decline/").status_code == 404


@pytest.mark.parametrize("actor", ["manager", "viewer"])
def test_the_page_is_for_owners(enter, actor, tree, request):
    client = enter(request.getfixturevalue(actor))

    assert client.get(SHOP).status_code == 403
    assert client.post(SHOP, {"place": "globex"}).status_code == 403


def test_many_members_are_kept_or_ended_together(enter, owner, tree, globex, monkeypatch):
    monkeypatch.setattr("hierarchy.nodes.forms.transfers.MOST_CHOICES", 1)
    members = MembershipFactory.create_batch(2, node=tree.shop)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    _accept(enter(globex.boss), offer, keep="all")

    assert all(member.user.memberships.exists() for member in members)


def test_the_reviews_are_read_where_they_were_made(enter, owner, tree, globex):
    member = MembershipFactory(node=tree.shop, user__email="named@example.com")
    due = timezone.now() + timezone.timedelta(days=1)
    review = access_reviews.start(tree.shop, due_at=due, by=owner)
    access_reviews.finish(review, by=owner)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    transfers.accept(offer, by=globex.boss, keep=[member.pk])

    there = enter(globex.boss)
    client = enter(owner)
    page = client.get(f"/o/acme/access/reviews/{review.pk}/")
    file = client.get(f"/o/acme/access/reviews/{review.pk}/evidence.csv")

    assert there.get(f"/o/globex/w/shop/access/reviews/{review.pk}/").status_code == 404
    assert "Acme / Shop" in page.content.decode()
    assert f"/reviews/{review.pk}/" in client.get("/o/acme/access/reviews/").content.decode()
    assert b"named@example.com" in file.getvalue()


def test_who_loses_is_only_counted_for_who_sees_no_members(enter, viewer, tree):
    held = ["view_organization", "view_workspace", "view_application", "transfer_workspace"]
    role = CustomRoleFactory(organization=tree.acme, permissions=held)
    mover = MembershipFactory(node=tree.acme, **role_columns(role)).user

    page = enter(mover).get(SHOP).content.decode()

    assert "people will no longer see it" in page
    assert viewer.email not in page


def test_nobody_is_named_to_who_could_not_invite_them(enter, owner, tree, globex):
    held = ["view_organization", "view_workspace", "view_application", "add_workspace"]
    role = CustomRoleFactory(organization=globex.organization, permissions=held)
    adder = MembershipFactory(node=globex.organization, **role_columns(role)).user
    MembershipFactory(node=tree.shop, user__email="named@example.com")
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    shown = enter(adder).get(f"/transfers/{offer.pk}/").content.decode()
    to_boss = enter(globex.boss).get(f"/transfers/{offer.pk}/").content.decode()

    assert "named@example.com" in to_boss
    assert "named@example.com" not in shown
    assert "Move it to Globex" in shown


def test_who_is_no_owner_is_told_why_nobody_can_be_kept(enter, owner, tree, globex):
    organization = globex.organization
    manager = MembershipFactory(node=organization, role=Role.MANAGER).user
    member = MembershipFactory(node=tree.shop, user__email="named@example.com")
    offer = transfers.offer(tree.shop, organization, by=owner)
    page = f"/transfers/{offer.pk}/"
    reason = "Only owners of Globex can keep people."

    to_owner = enter(globex.boss).get(page).content.decode()
    client = enter(manager)
    shown = client.get(page).content.decode()
    ticked = client.post(f"{page}accept/", _fields(shown) | {"keep": [member.pk]})
    done = client.post(f"{page}accept/", _fields(shown), follow=True).content.decode()

    assert "named@example.com" in shown
    assert reason in shown
    assert _is_disabled(shown, "keep")
    assert reason not in to_owner
    assert not _is_disabled(to_owner, "keep")
    assert f"Who comes along: {reason}" in ticked.content.decode()
    assert " checked" not in ticked.content.decode().partition("<form")[2]
    assert "Shop now belongs to Globex." in done


def _is_disabled(content, name):
    boxes = re.findall(rf'<input[^>]* name="{name}"[^>]*>', content)
    assert boxes
    return all(" disabled" in box for box in boxes)


def test_a_name_in_the_reason_is_text(enter, owner, tree, globex):
    Organization.objects.filter(pk=globex.organization.pk).update(name="<b>Globex")
    manager = MembershipFactory(node=globex.organization, role=Role.MANAGER).user
    MembershipFactory(node=tree.shop)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    shown = enter(manager).get(f"/transfers/{offer.pk}/").content.decode()

    assert "<b>Globex" not in shown
    assert "owners of &lt;b&gt;Globex can" in shown


def test_many_members_can_not_be_kept_without_owning(enter, owner, tree, globex, monkeypatch):
    monkeypatch.setattr("hierarchy.nodes.forms.transfers.MOST_CHOICES", 1)
    manager = MembershipFactory(node=globex.organization, role=Role.MANAGER).user
    MembershipFactory.create_batch(2, node=tree.shop)
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    client = enter(manager)

    shown = client.get(f"/transfers/{offer.pk}/").content.decode()
    done = _accept(client, offer).content.decode()

    assert _is_disabled(shown, "keep")
    assert "Shop now belongs to Globex." in done


def test_who_is_blocked_is_named_to_owners_and_can_not_be_ticked(enter, owner, tree, globex):
    blocked = MembershipFactory(node=tree.shop, user__email="blocked@example.com")
    BlockedPersonFactory(organization=globex.organization, user=blocked.user)
    manager = MembershipFactory(node=globex.organization, role=Role.MANAGER).user
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    shown = enter(globex.boss).get(f"/transfers/{offer.pk}/").content.decode()
    to_manager = enter(manager).get(f"/transfers/{offer.pk}/").content.decode()
    done = _accept(enter(globex.boss), offer).content.decode()

    assert "1 person can't be kept" in unescape(shown)
    assert "They're blocked in Globex" in shown
    assert "blocked@example.com" in shown
    assert 'name="keep"' not in shown
    assert "blocked@example.com" not in to_manager
    assert "Shop now belongs to Globex." in done


def test_owners_hear_of_how_many_people_none_can_come_along(enter, owner, tree, globex):
    role = CustomRoleFactory(organization=tree.acme, permissions=["view_workspace"])
    for _each in range(2):
        MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role)
    asleep = MembershipFactory(node=tree.acme, status=Status.SUSPENDED)
    MembershipFactory(node=tree.shop, user=asleep.user)
    MembershipFactory(node=tree.shop)
    manager = MembershipFactory(node=globex.organization, role=Role.MANAGER).user
    offer = transfers.offer(tree.shop, globex.organization, by=owner)

    shown = enter(globex.boss).get(f"/transfers/{offer.pk}/").content.decode()
    to_manager = enter(manager).get(f"/transfers/{offer.pk}/").content.decode()

    assert "3 people lose access in any case: custom roles of Acme" in shown
    assert "in any case" not in to_manager


def test_both_sides_are_told_that_who_offered_may_not_any_more(enter, owner, tree, globex, staff):
    first = User.objects.get(email="first@example.com")
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    accounts.deactivate(owner, by=staff)
    sentence = "Owner, who made this offer, can no longer hand it over."

    there = enter(globex.boss).get(f"/transfers/{offer.pk}/").content.decode()
    here = enter(first).get(SHOP).content.decode()

    assert sentence in there
    assert "Move it to" not in there
    assert "Decline" in there
    assert sentence in here
    assert "Withdraw offer" in here


def test_who_sees_it_twice_loses_sight_of_it_once(enter, owner, tree):
    MembershipFactory(node=tree.acme, user=MembershipFactory(node=tree.shop).user)

    page = enter(owner).get(WEB).content.decode()

    assert "3 people will no longer see it" in page


def test_who_sees_it_before_and_after_neither_loses_nor_gains_sight_of_it(tree):
    both = MembershipFactory(node=tree.acme).user  # goes on seeing it by this
    moving = MembershipFactory(node=tree.shop, user=both)
    staying = MembershipFactory(node=tree.shop)
    there = MembershipFactory(node=tree.press)
    MembershipFactory(node=tree.press, user=both)

    losing = transfer_effects.losing(tree.production, tree.press)
    gaining = transfer_effects.gaining(tree.production, tree.press)

    assert (losing.shown, losing.number) == ([staying], 1)
    assert (gaining.shown, gaining.number) == ([there], 1)
    assert moving in transfer_effects.losing(tree.production).shown


def test_neither_side_learns_who_belongs_to_the_other(tree, globex):
    member = MembershipFactory(node=tree.acme).user
    losing = transfer_effects.losing(tree.shop, globex.organization)
    before = transfer_effects.gaining(tree.shop, globex.organization)

    MembershipFactory(node=globex.organization, user=member)

    assert transfer_effects.losing(tree.shop, globex.organization) == losing
    after = transfer_effects.gaining(tree.shop, globex.organization)
    assert after.number == before.number + 1


def test_the_preview_costs_the_same_for_many(
    enter, owner, tree, globex, django_assert_max_num_queries
):
    offer = transfers.offer(tree.shop, globex.organization, by=owner)
    client = enter(globex.boss)
    client.get(f"/transfers/{offer.pk}/")
    MembershipFactory.create_batch(20, node=tree.shop)
    MembershipFactory.create_batch(20, node=globex.organization)

    with django_assert_max_num_queries(25):
        client.get(f"/transfers/{offer.pk}/")


# --- A guessed address ---------------------------------------------------------------------------


@pytest.fixture
def addresses(tree):
    """Slugs of equal length: of nothing, of a stranger's organization in each state."""
    now = timezone.now()
    OrganizationFactory(name="Secret name", slug="guess1")
    OrganizationFactory(name="Secret name", slug="guess2", suspended_at=now)
    OrganizationFactory(name="Secret name", slug="guess3", deleted_at=now)
    return [f"guess{number}" for number in range(4)]


@pytest.mark.parametrize("name", ["shop", "development"])
def test_a_guessed_address_answers_alike_whether_there_is_an_organization(
    enter, owner, tree, addresses, name
):
    client = enter(owner)
    node = getattr(tree, name)
    url = node_url(node, "transfer")
    answers = []
    pages = []
    for slug in addresses:
        pages.append(client.post(url, {"place": slug}).content.decode())
        confirmed = {"place": slug, "confirmation": node.name}
        done = client.post(url, confirmed, follow=True)
        pages.append(done.content.decode())
        answers.append((done.redirect_chain, _plain(done, slug)))
        offer = Transfer.objects.get(state="pending")
        client.post(node_url(node, "transfer-withdraw"), {"offer": offer.pk}, follow=True)

    for chain, lines in answers:
        assert chain == answers[0][0]
        assert [line for line in lines if line not in answers[0][1]] == []
    assert not any("Secret name" in page for page in pages)
    assert all(f"guess{number // 2}" in page for number, page in enumerate(pages))


def _plain(response, slug):
    """Return a page without what differs between any two."""
    text = response.content.decode().replace(slug, "SLUG")
    text = re.sub(r'name="(offer|version)" value="[^"]*"|nonce-[^"]*|nonce="[^"]*"', "", text)
    text = re.sub(r'X-CSRFToken": "[^"]*"', "", text)
    text = re.sub(r'csrfmiddlewaretoken" value="[^"]*"|<time[^>]*>[^<]*</time>', "", text)
    return text.splitlines()


def test_an_offer_to_nobody_is_an_offer_like_others(enter, owner, tree, addresses):
    client = enter(owner)
    url = node_url(tree.shop, "transfer")

    client.post(url, {"place": "guess0", "confirmation": "Shop"})

    offer = Transfer.objects.get()
    assert (offer.told_place, offer.leads_nowhere, offer.is_pending) == ("guess0", True, True)
    mail = OutgoingMail.objects.get()
    assert (mail.template, mail.recipient) == ("transfer_notice", "first@example.com")
    with pytest.raises(Refused, match="no longer open"):
        transfers.accept(offer, by=owner, keep=[])
    assert transfers.withdraw(offer, by=owner).state == "withdrawn"
