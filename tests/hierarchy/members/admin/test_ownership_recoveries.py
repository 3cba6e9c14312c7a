import pytest
from django.contrib.auth.models import Permission as DjangoPermission
from django.utils import timezone

from hierarchy.models import Membership, Organization, OwnershipRecovery
from hierarchy.roles import Role
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory
from tests.support.admin_forms import list_url, url


@pytest.fixture
def orphan(tree):
    heir = MembershipFactory(user__email="heir@example.com", node=OrganizationFactory(name="Lost"))
    organization = heir.organization
    organization.successor = heir.user
    organization.save()
    return organization


def _add(admin, orphan, reason="The owner has died."):
    page = list_url(OwnershipRecovery, "add")
    data = {"organization": orphan.pk, "user": orphan.successor_id, "reason": reason}
    return admin.post(page, data, follow=True)


def test_list_organizations_without_an_owner(admin, tree, orphan):
    shown = admin.get(f"{list_url(Organization)}?owner=none").context["cl"].result_list

    assert list(shown) == [orphan]


def test_an_organization_without_an_owner_leads_to_a_recovery(admin, tree, orphan):
    lost = admin.get(url(orphan)).content.decode()
    owned = admin.get(url(tree.acme)).content.decode()
    form = admin.get(url(orphan, "recover"), follow=True)

    assert ("Start a recovery" in lost, "Start a recovery" in owned) == (True, False)
    assert form.context["adminform"].form.initial["organization"] == orphan.pk
    assert "have 7 days to object" in form.content.decode()
    assert "Announce recovery" in form.content.decode()
    assert ">Save<" not in form.content.decode()


def test_announce_says_what_comes_next(admin, orphan):
    page = _add(admin, orphan).content.decode()

    assert "The recovery has been announced." in page
    assert "Start a recovery" not in admin.get(url(orphan)).content.decode()


def test_names_stay_hidden_from_who_may_not_see_people(enter_admin, orphan):
    staff = UserFactory(is_staff=True)
    staff.user_permissions.add(DjangoPermission.objects.get(codename="transfer_organization"))
    hidden = UserFactory(first_name="Zaphod", email="hidden@example.com")

    page = enter_admin(staff).get(f"{list_url(OwnershipRecovery, 'add')}?user={hidden.pk}")

    assert page.status_code == 200
    assert "Zaphod" not in page.content.decode()
    assert "hidden@example.com" not in page.content.decode()


def test_propose_the_named_successor(admin, orphan):
    page = f"{list_url(OwnershipRecovery, 'add')}?organization={orphan.pk}"

    form = admin.get(page).context["adminform"].form

    assert form.get_initial_for_field(form.fields["user"], "user") == orphan.successor_id


def test_propose_nobody_who_is_no_member_any_more(admin, orphan):
    Membership.objects.filter(user=orphan.successor_id).delete()
    page = f"{list_url(OwnershipRecovery, 'add')}?organization={orphan.pk}"

    form = admin.get(page).context["adminform"].form

    assert form.get_initial_for_field(form.fields["user"], "user") is None


def test_start_wait_and_complete(admin, orphan):
    assert _add(admin, orphan).status_code == 200
    recovery = OwnershipRecovery.objects.get()
    early = admin.post(url(recovery, "complete"), follow=True).content.decode()
    OwnershipRecovery.objects.update(due_at=timezone.now())
    done = admin.post(url(recovery, "complete"), follow=True).content.decode()

    assert "The time to object isn&#x27;t over yet." in early
    assert "completed." in done
    assert Membership.objects.get(user__email="heir@example.com").role == Role.OWNER


def test_a_refusal_stands_on_the_form(admin, tree, viewer):
    tree.acme.successor = viewer
    tree.acme.save()

    response = _add(admin, tree.acme)

    assert "Acme already has an owner." in response.content.decode()
    assert not OwnershipRecovery.objects.exists()


def test_the_list_is_flat(admin, orphan, django_assert_max_num_queries):
    for _ in range(5):
        node = OrganizationFactory()
        OwnershipRecovery.objects.create(organization=node, user=MembershipFactory(node=node).user)

    with django_assert_max_num_queries(12):
        assert admin.get(list_url(OwnershipRecovery)).status_code == 200
