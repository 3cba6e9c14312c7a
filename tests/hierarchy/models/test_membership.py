from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from hierarchy.models import Membership, Status
from hierarchy.roles import Permission, Role
from tests.factories import CustomRoleFactory, MembershipFactory
from tests.support.acting import custom_roles

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "starts", "ends", "standing"),
    [
        (Status.ACTIVE, None, None, "Active"),
        (Status.ACTIVE, -DAY, DAY, "Active"),
        (Status.ACTIVE, DAY, None, "Not started"),
        (Status.ACTIVE, None, -DAY, "Ended"),
        (Status.SUSPENDED, None, -DAY, "Suspended"),
    ],
)
def test_standing_says_what_it_comes_to_now(status, starts, ends, standing):
    now = timezone.now()
    dates = {"starts_at": starts and now + starts, "ends_at": ends and now + ends}

    assert Membership(user=User(), status=status, **dates).standing == standing
    left = Membership(user=User(is_active=False), status=status, **dates)
    assert left.standing == "Account deactivated"


def test_the_version_of_a_role_changes_with_what_a_composed_one_grants(tree):
    builder = CustomRoleFactory(organization=tree.acme, permissions=["view_workspace"])
    member = MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=builder)
    read = str(member.shown_role)
    owner = Membership.objects.get(organization=tree.acme, role=Role.OWNER).user

    custom_roles.edit(
        builder, name=builder.name, permissions=[Permission.CHANGE_WORKSPACE], by=owner
    )

    assert str(Membership.objects.get(pk=member.pk).shown_role) != read
