"""What the action tests share."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hierarchy import grants
from hierarchy.models import AuditEvent, Membership, Status

DAY = timedelta(days=1)


@pytest.fixture
def recorded():
    """Return a function that names the actions recorded so far: factories record none."""
    return lambda: list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


@pytest.fixture(params=["suspended_member", "ended", "not_begun"])
def resting(request, viewer):
    """Let the viewer be a member to whom nothing is granted now; return the code that says so."""
    fields = {
        "suspended_member": {"status": Status.SUSPENDED},
        "ended": {"ends_at": timezone.now() - DAY},
        "not_begun": {"starts_at": timezone.now() + DAY},
    }[request.param]
    membership = Membership.objects.get(user=viewer)
    Membership.objects.filter(pk=membership.pk).update(**fields)
    grants.derive(viewer, membership.organization)
    return request.param
