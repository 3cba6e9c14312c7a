from datetime import timedelta

import pytest
from django.utils import timezone

from hierarchy.models import Membership
from hierarchy.refusals import NotAllowed
from hierarchy.roles import Level, Role, in_order, permissions_of
from tests.support.acting import owners


def test_name_the_first_permission_that_an_owner_has_and_they_lack(tree, manager):
    with pytest.raises(NotAllowed) as refusal:
        owners.require_owner(manager, tree.acme)

    of_owner, of_manager = (
        permissions_of(role, Level.ORGANIZATION) for role in (Role.OWNER, Role.MANAGER)
    )
    assert refusal.value.permission == in_order(of_owner - of_manager)[0]
    assert len(of_owner - of_manager) > 1


def test_nobody_is_the_only_owner_of_what_has_none_for_good(tree):
    membership = Membership.objects.at(tree.acme).select_related("user").get()
    assert owners.is_only_owner(membership.user, tree.acme)

    Membership.objects.update(ends_at=timezone.now() + timedelta(days=1))

    assert not owners.is_only_owner(membership.user, tree.acme)
