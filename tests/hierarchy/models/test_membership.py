from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from hierarchy.models import Membership, Status

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "starts", "ends", "standing"),
    [
        (Status.ACTIVE, None, None, "Active"),
        (Status.ACTIVE, -DAY, DAY, "Active"),
        (Status.ACTIVE, DAY, None, "Not begun"),
        (Status.ACTIVE, None, -DAY, "Ended"),
        (Status.SUSPENDED, None, -DAY, "Suspended"),
    ],
)
def test_standing_says_what_it_comes_to_now(status, starts, ends, standing):
    now = timezone.now()
    dates = {"starts_at": starts and now + starts, "ends_at": ends and now + ends}

    assert Membership(user=User(), status=status, **dates).standing == standing
    left = Membership(user=User(is_active=False), status=status, **dates)
    assert left.standing == "Account not active"
