"""What staff hold on every tree is for the admin: in the console they are members like any."""

import pytest
from django.urls import reverse

from hierarchy import grants
from hierarchy.home import view_as
from hierarchy.models import AccessReview, EmailDomain, Invitation, Membership, State
from hierarchy.roles import Role
from tests.factories import CustomRoleFactory, InvitationFactory, MembershipFactory, UserFactory

STAFF = {"is_staff": True, "is_superuser": True}


@pytest.fixture(params=[STAFF, {"is_staff": False, "is_superuser": True}])
def insider(request, tree):
    """A manager of Acme who holds everything on every tree besides."""
    user = UserFactory(email="insider@example.com", **request.param)
    MembershipFactory(node=tree.acme, user=user, role=Role.MANAGER)
    return user


def _url(name, **kwargs):
    return reverse(f"console:{name}", kwargs={"organization": "acme", **kwargs})


@pytest.mark.parametrize("verb", ["suspend", "remove"])
def test_manager_does_not_touch_an_owner(sign_in, give_password, insider, owner, verb):
    membership = Membership.objects.get(user=owner)
    browser = sign_in(insider)
    give_password(insider)

    browser.post(_url(f"membership-{verb}", pk=membership.pk))

    assert Membership.objects.in_force().filter(pk=membership.pk).exists()


def test_manager_does_not_invite_an_owner(sign_in, insider):
    browser = sign_in(insider)

    browser.post(_url("invitation-send"), {"email": "new@example.org", "role": "owner"})
    form = {"addresses": "new@example.org, owner", "role": "viewer", "days": 7, "confirmed": "1"}
    browser.post(_url("invitation-send-many"), form)

    assert not Invitation.objects.exists()


def test_manager_does_not_revoke_the_invitation_of_an_owner(sign_in, tree, insider):
    invitation = InvitationFactory(node=tree.acme, role=Role.OWNER)

    sign_in(insider).post(_url("invitation-revoke", pk=invitation.pk))

    invitation.refresh_from_db()
    assert invitation.state == State.PENDING


def test_manager_does_not_add_a_domain_for_owners(sign_in, insider):
    sign_in(insider).post(_url("email-domain-add"), {"domain": "corp.example.org"})

    assert not EmailDomain.objects.exists()


def test_review_takes_the_right_to_change_members_beneath(sign_in, tree, insider):
    names = ["view_organization", "view_organization_member", "change_organization_member"]
    role = CustomRoleFactory(organization=tree.acme, permissions=names)
    Membership.objects.filter(user=insider).update(role=Role.CUSTOM, custom_role=role)
    grants.derive(insider, tree.acme)

    sign_in(insider).post(_url("access-review-start"), {"due_on": "2030-01-01"})

    assert not AccessReview.objects.exists()


def test_view_as_shows_what_the_role_may_and_no_more(sign_in, tree, insider):
    MembershipFactory(node=tree.acme, role=Role.OWNER)
    browser = sign_in(insider)
    browser.post(_url("view-as"), {"role": "manager"})
    assert view_as.KEY in browser.session

    response = browser.get(_url("email-domain-add"))

    assert response.status_code == 403
