"""Staff who make an owner give their password first, by whatever form, after fifteen minutes."""

import time

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import reverse

from config.web.session_life import SIGNED_IN_AT
from hierarchy.models import AuditEvent
from hierarchy.roles import Role
from tests.factories import (
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
)
from tests.support.one_time_codes import code_of
from tests.support.proofs import note_proof
from tests.support.refusals import snapshot

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def _add_in_admin(tree, person, staff):
    url = reverse("admin:hierarchy_membership_add")
    return url, {"user": person.pk, "role": "owner", "organization": tree.acme.pk}


def _change_in_admin(tree, person, staff):
    member = MembershipFactory(node=tree.acme)
    url = reverse("admin:hierarchy_membership_change", args=[member.pk])
    return url, {"role": "owner", "version": str(member.shown_role)}


def _invite_in_admin(tree, person, staff):
    data = {"email": "a@example.com", "role": "owner", "days": "7", "message": ""}
    return reverse("admin:hierarchy_invitation_add"), data | {"organization": tree.acme.pk}


def _resend_in_admin(tree, person, staff):
    row = InvitationFactory(node=tree.acme, role=Role.OWNER, invited_by=staff)
    return reverse("admin:hierarchy_invitation_resend", args=[row.pk]), {}


def _recover_in_admin(tree, person, staff):
    data = {"organization": OrganizationFactory().pk, "user": person.pk, "reason": "Left."}
    return reverse("admin:hierarchy_ownershiprecovery_add"), data


DOORS = [_add_in_admin, _change_in_admin, _invite_in_admin, _resend_in_admin, _recover_in_admin]


@pytest.mark.parametrize("door", DOORS)
def test_ask_for_the_password_before_an_owner_is_made(enter_admin, staff, tree, door):
    url, data = door(tree, UserFactory(), staff)
    client = enter_admin(staff)
    given = dict(client.session)
    session = client.session
    session[SIGNED_IN_AT] = time.time() - 60 * 60
    del session["account_authentication_methods"]
    session.save()
    note_proof(client, staff, seconds_ago=60 * 60)  # of the sign-in: good for the admin itself
    before = snapshot()

    asked = client.post(url, data)

    assert (asked.status_code, asked.url.split("?")[0]) == (302, "/accounts/reauthenticate/")
    assert snapshot() == before

    session = client.session
    session["account_authentication_methods"] = given["account_authentication_methods"]
    session.save()
    done = client.post(url, data)

    assert (done.status_code, snapshot() != before) == (302, True)


def test_carry_out_what_waited_for_the_proof_as_staff_who_sent_it(enter_admin, staff, tree):
    TOTP.activate(staff, SECRET)
    url, data = _change_in_admin(tree, UserFactory(), staff)
    client = enter_admin(staff)
    session = client.session
    session[SIGNED_IN_AT] = time.time() - 60 * 60
    del session["account_authentication_methods"]
    session.save()
    note_proof(client, staff, seconds_ago=60 * 60)

    (page, _status) = client.post(url, data, follow=True).redirect_chain[-1]
    done = client.post(page, {"code": code_of(SECRET), "next": url})

    event = AuditEvent.objects.get(action="membership.change_role")
    assert done.status_code == 302
    assert (event.door, event.acted_as, event.reason) == ("admin", "staff", "Asked for by phone")
