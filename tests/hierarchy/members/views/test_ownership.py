"""Handing an organization over, in the console."""

import pytest
from django.utils import timezone

from hierarchy import grants
from hierarchy.console.navigation import node_url
from hierarchy.models import Membership, Organization, OwnershipOffer, OwnershipRecovery
from hierarchy.roles import Role
from tests.factories import CustomRoleFactory, MembershipFactory
from tests.support.acting import ownership

PAGE = "/o/acme/ownership/"


def _offer(client, email, becomes="owner"):
    data = {"offer-email": email, "offer-becomes": becomes}
    return client.post(f"{PAGE}offer/", data, follow=True)


def test_offer_and_accept(enter, owner, viewer, tree):
    offered = _offer(enter(owner), viewer.email.upper(), "viewer").content.decode()
    offer = OwnershipOffer.objects.get()
    client = enter(viewer)

    home = client.get("/").content.decode()
    shown = client.get(f"/ownership/{offer.pk}/").content.decode()
    done = client.post(f"/ownership/{offer.pk}/accept/", follow=True).content.decode()

    assert "has been asked to become an owner" in offered
    assert "Offers to become an owner" in home
    assert "If you accept, Owner's role becomes viewer." in shown
    assert "re now an owner of Acme." in done
    roles = {m.user: m.role for m in Membership.objects.at(tree.acme).select_related("user")}
    assert (roles[viewer], roles[owner]) == (Role.OWNER, Role.VIEWER)


def test_decline_and_withdraw(enter, owner, viewer, manager, tree):
    declined = ownership.offer(tree.acme, viewer, by=owner)
    answer = enter(viewer).post(f"/ownership/{declined.pk}/decline/", follow=True)
    ownership.offer(tree.acme, manager, by=owner)
    withdrawn = enter(owner).post(f"{PAGE}withdraw/", follow=True)

    assert "ve declined." in answer.content.decode()
    assert "The offer has been withdrawn." in withdrawn.content.decode()
    assert not OwnershipOffer.objects.pending().exists()


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("accepted", "That offer has already been accepted."),
        ("declined", "That offer has been declined."),
        ("withdrawn", "That offer has been withdrawn."),
        ("expired", "That offer has expired."),
    ],
)
def test_the_link_of_an_offer_that_is_over_says_so(enter, owner, viewer, tree, state, sentence):
    offer = ownership.offer(tree.acme, viewer, by=owner)
    OwnershipOffer.objects.update(state=state, decided_at=timezone.now())
    client = enter(viewer)
    url = f"/ownership/{offer.pk}/"

    shown, *answers = (
        answer.content.decode()
        for answer in (
            client.get(url, follow=True),
            client.post(f"{url}accept/", follow=True),
            client.post(f"{url}decline/", follow=True),
        )
    )

    assert sentence in shown
    assert all("This offer is no longer open." in answer for answer in answers)
    Membership.objects.filter(user=viewer).delete()
    grants.derive(viewer, tree.acme)
    assert client.get(url).status_code == 404


def test_withdraw_the_offer_that_was_shown_and_no_other(enter, owner, viewer, manager, tree):
    shown = ownership.offer(tree.acme, viewer, by=owner)
    ownership.withdraw(shown, by=owner)
    other = ownership.offer(tree.acme, manager, by=owner)

    answer = enter(owner).post(f"{PAGE}withdraw/", {"offer": shown.pk}, follow=True)

    assert "This offer is no longer open." in answer.content.decode()
    assert list(OwnershipOffer.objects.pending()) == [other]


@pytest.mark.parametrize("email", ["nobody", "unknown@example.com", "first@example.com"])
def test_offer_keeps_what_was_typed_when_refused(enter, owner, tree, email):
    content = _offer(enter(owner), email).content.decode()

    assert "error-summary" in content
    assert f'value="{email}"' in content
    assert ("No member here has that address" in content) is (email != "nobody")
    assert not OwnershipOffer.objects.exists()


def test_name_a_successor(enter, owner, viewer, tree):
    client = enter(owner)

    named = client.post(f"{PAGE}successor/", {"successor-email": viewer.email}, follow=True)
    shown = client.get(PAGE).content.decode()
    none = client.post(f"{PAGE}successor/", {"successor-email": ""}, follow=True)

    assert "is now the successor." in named.content.decode()
    assert f'value="{viewer.email}"' in shown
    assert "There is no successor now." in none.content.decode()


def test_an_offer_is_shown_to_nobody_else(enter, owner, viewer, manager, tree):
    offer = ownership.offer(tree.acme, viewer, by=owner)

    for person in (manager, owner):
        client = enter(person)
        assert client.get(f"/ownership/{offer.pk}/").status_code == 404
        assert client.post(f"/ownership/{offer.pk}/accept/").status_code == 404


@pytest.mark.parametrize("actor", ["manager", "viewer"])
def test_the_page_is_for_owners(enter, actor, tree, request):
    client = enter(request.getfixturevalue(actor))

    assert client.get(PAGE).status_code == 403
    assert _offer(client, "viewer@example.com").status_code == 403


def test_warn_an_only_owner_until_somebody_comes_next(enter, viewer, tree):
    first = Membership.objects.at(tree.acme).get(role=Role.OWNER).user
    client = enter(first)

    def is_warned():
        return "You're the only owner" in client.get("/o/acme/").content.decode()

    assert is_warned()
    ownership.name_successor(tree.acme, viewer, by=first)
    assert not is_warned()
    ownership.name_successor(tree.acme, None, by=first)
    ownership.accept(ownership.offer(tree.acme, viewer, by=first), by=viewer)
    assert not is_warned()


def test_name_no_successor_over_what_another_owner_has_named(
    enter, owner, viewer, maintainer, tree
):
    client = enter(owner)
    data = {"successor-email": viewer.email, "successor-version": str(tree.acme.shown_successor)}
    ownership.name_successor(tree.acme, maintainer, by=owner)

    late = client.post(f"{PAGE}successor/", data)
    page = late.content.decode()
    version = late.context["successor_form"]["version"].value()
    again = client.post(f"{PAGE}successor/", data | {"successor-version": version}, follow=True)

    assert (late.status_code, again.status_code) == (409, 200)
    assert "Someone has changed this since you opened it." in page
    assert str(maintainer) in page
    assert f'href="{PAGE}"' in page
    assert "is now the successor." in again.content.decode()
    assert ownership.successor(Organization.objects.get()) == viewer


def test_warn_of_a_successor_only_when_none_is_named(enter, viewer, tree):
    first = Membership.objects.at(tree.acme).get(role=Role.OWNER).user
    client = enter(first)

    without = client.get(PAGE).content.decode()
    ownership.name_successor(tree.acme, viewer, by=first)
    named = client.get(PAGE).content.decode()

    assert "There is only one owner" in without
    assert "There is only one owner" in named
    assert ["at least name a successor" in page for page in (without, named)] == [True, False]


def test_closing_an_account_leads_to_handing_over(enter, viewer, tree):
    first = Membership.objects.at(tree.acme).get(role=Role.OWNER).user
    ownership.name_successor(tree.acme, viewer, by=first)

    content = enter(first).get("/accounts/close/").content.decode()

    assert PAGE in content
    assert "Hand it over to Viewer" in content


def test_offering_asks_for_the_password_again(sign_in, owner, viewer, tree):
    response = sign_in(owner).post(f"{PAGE}offer/", {"offer-email": viewer.email})

    assert response.url.startswith("/accounts/reauthenticate/")
    assert not OwnershipOffer.objects.exists()


def test_a_recovery_is_told_and_an_owner_who_is_back_objects(sign_in, viewer, tree):
    Membership.objects.filter(role=Role.OWNER).delete()
    grants.resync()
    OwnershipRecovery.objects.create(organization=tree.acme, user=viewer, reason="Gone.")

    told = sign_in(viewer).get("/o/acme/").content.decode()
    back = sign_in(MembershipFactory(node=tree.acme, role=Role.OWNER).user)
    shown = back.get(PAGE).content.decode()
    done = back.post(f"{PAGE}recovery/cancel/", follow=True).content.decode()

    assert "This organization has lost its owners" in told
    assert "Platform staff are appointing a new owner" in shown
    assert "The recovery has been cancelled." in done


def test_warn_an_only_owner_whose_successor_has_become_the_owner(sign_in, tree, owner, viewer):
    """Who was named comes after nobody now: the warning is back, and proposes one."""
    Membership.objects.at(tree.acme).exclude(user=owner).exclude(user=viewer).delete()
    ownership.name_successor(tree.acme, viewer, by=owner)
    assert not sign_in(owner).get(node_url(tree.acme)).context["needs_an_heir"]
    offered = ownership.offer(tree.acme, viewer, by=owner, becomes=Role.MANAGER)
    ownership.accept(offered, by=viewer)

    client = sign_in(viewer)

    assert client.get(node_url(tree.acme)).context["needs_an_heir"]
    page = client.get(node_url(tree.acme, "ownership")).content.decode()
    assert "or at least name a successor" in page
    assert ownership.successor(tree.acme) is None


def test_ask_for_no_member_where_one_sees_none(enter, tree, viewer):
    """Whether an address is a member's, the refusal of a stranger's would tell."""
    permissions = ["view_organization", "transfer_organization"]
    role = CustomRoleFactory(organization=tree.acme, permissions=permissions)
    client = enter(MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=role).user)
    for email in (viewer.email, "stranger@example.com"):
        for data in (
            {"offer-email": email, "offer-becomes": "owner"},
            {"successor-email": email},
        ):
            page = "ownership-offer" if "offer-email" in data else "successor"

            assert client.post(node_url(tree.acme, page), data).status_code == 403
