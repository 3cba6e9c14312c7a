"""What members settle among themselves, looked up by staff."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from hierarchy.models import (
    AccessRequest,
    CustomRole,
    EmailDomain,
    JoinMode,
    OwnershipOffer,
    OwnershipRecovery,
    Transfer,
)
from hierarchy.roles import Role
from tests.factories import (
    AccessRequestFactory,
    AccessReviewFactory,
    AccessReviewRowFactory,
    CustomRoleFactory,
    EmailDomainFactory,
    MembershipFactory,
    OrganizationFactory,
    OwnershipOfferFactory,
    TransferFactory,
    UserFactory,
)
from tests.support.admin_forms import list_url, url


def _listed(browser, model, **query):
    return list(browser.get(list_url(model), query).context["cl"].result_list)


def _recovery():
    return OwnershipRecovery.objects.create(
        organization=OrganizationFactory(), user=UserFactory(), reason="Lost"
    )


def _text(browser, row):
    return browser.get(url(row)).content.decode()


def test_a_custom_role_says_what_it_allows_and_how_many_hold_it(admin, tree):
    role = CustomRoleFactory(
        organization=tree.acme, name="Auditor", permissions=["view_organization", "view_audit_log"]
    )
    MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=role)

    page = _text(admin, role)

    assert "<li>read the activity log</li>" in page
    assert admin.get(url(role)).context["original"] == role
    assert [row.name for row in _listed(admin, CustomRole)] == ["Auditor"]


def test_a_request_says_what_is_asked_for(admin, tree):
    joining = AccessRequestFactory(node=tree.acme, message="Please")
    asking = AccessRequestFactory(node=tree.shop, permission="change_workspace")

    assert "become a member" in _text(admin, joining)
    assert "Please" in _text(admin, joining)
    assert "change the workspace" in _text(admin, asking)


def test_what_nobody_answered_in_time_is_shown_as_expired(admin, tree):
    past = timezone.now() - timedelta(days=1)
    rows = [
        OwnershipOfferFactory(organization=tree.acme, expires_at=past),
        TransferFactory(node=tree.shop, expires_at=past),
        AccessRequestFactory(node=tree.shop, created_at=past - timedelta(days=30)),
    ]

    for row in rows:
        page = _text(admin, row)
        assert "Expired" in page
        assert "Pending" not in page


def test_filter_by_state_and_find_a_domain(admin, tree):
    pending = TransferFactory(node=tree.shop)
    TransferFactory(node=tree.press, state="declined", decided_at=timezone.now())
    domain = EmailDomainFactory(node=tree.acme, domain="acme.example")
    EmailDomainFactory(domain="other.example", mode=JoinMode.REQUEST)

    assert _listed(admin, Transfer, state__exact="pending") == [pending]
    assert _listed(admin, EmailDomain, q=" ACME.example") == [domain]
    assert _listed(admin, EmailDomain, mode__exact="automatic") == [domain]
    assert domain.challenge_value in _text(admin, domain)


def test_a_transfer_and_an_offer_say_from_where_to_where(admin, tree):
    place = OrganizationFactory(name="Orchard")
    transfer = TransferFactory(node=tree.shop, to_organization=place)
    offer = OwnershipOfferFactory(
        organization=tree.acme,
        user=UserFactory(first_name="Noor", last_name="Vale"),
        becomes=Role.MANAGER,
    )

    assert "Orchard" in _text(admin, transfer)
    assert "Noor Vale" in _text(admin, offer)
    assert "Manager" in _text(admin, offer)


def test_a_review_says_how_far_it_has_come(admin, tree):
    review = AccessReviewFactory(node=tree.acme, size=2)
    member = MembershipFactory(node=tree.acme)
    AccessReviewRowFactory(review=review, member=member)
    AccessReviewRowFactory(
        review=review,
        member=MembershipFactory(node=tree.acme),
        decision="keep",
        decided_at=timezone.now(),
    )

    assert "1 of 2" in _text(admin, review)


@pytest.mark.parametrize("model", [AccessRequest, CustomRole, EmailDomain, OwnershipOffer])
def test_change_and_add_nothing(admin, tree, model):
    row = {
        AccessRequest: AccessRequestFactory,
        CustomRole: CustomRoleFactory,
        EmailDomain: EmailDomainFactory,
        OwnershipOffer: OwnershipOfferFactory,
    }[model](organization=tree.acme)

    assert admin.post(url(row), {"name": "x"}).status_code == 403
    assert admin.get(list_url(model, "add")).status_code == 403
    assert admin.post(url(row, "delete"), {"post": "yes"}).status_code == 403


def test_limited_staff_look_up_what_they_may_decide_about(enter_admin, tree):
    person = UserFactory(is_staff=True)
    MembershipFactory(user=person, node=tree.acme, role=Role.MANAGER)
    ours = EmailDomainFactory(node=tree.acme)
    theirs = EmailDomainFactory()
    AccessRequestFactory(node=tree.shop)
    AccessRequestFactory()
    browser = enter_admin(person)

    assert _listed(browser, EmailDomain) == [ours]
    assert len(_listed(browser, AccessRequest)) == 1
    assert browser.get(url(ours)).status_code == 200
    assert browser.get(url(theirs)).status_code == 302
    assert browser.get(list_url(OwnershipOffer)).status_code == 403


def test_filter_by_the_state_that_the_rows_show(admin, tree):
    open_offer = OwnershipOfferFactory()
    late = OwnershipOfferFactory()
    OwnershipOffer.objects.filter(pk=late.pk).update(expires_at=timezone.now())

    assert _listed(admin, OwnershipOffer, state__exact="pending") == [open_offer]
    assert _listed(admin, OwnershipOffer, state__exact="expired") == [late]


@pytest.mark.parametrize("make", [OwnershipOfferFactory, TransferFactory, _recovery])
def test_an_end_in_an_hour_that_comes_twice_says_which_it_is(admin, staff, tree, make):
    staff.time_zone = "Europe/Berlin"
    staff.save()
    row = make(**{"node": tree.shop} if make is TransferFactory else {})
    name = "due_at" if make is _recovery else "expires_at"
    type(row).objects.filter(pk=row.pk).update(**{name: datetime(2026, 10, 25, 0, 30, tzinfo=UTC)})

    for page in (_text(admin, row), admin.get(list_url(type(row))).content.decode()):
        assert "25 October 2026, 02:30 (+02:00)" in page
