"""What the action tests share."""

import pytest

from hierarchy.models import AuditEvent


@pytest.fixture
def recorded():
    """Return a function that names the actions recorded so far: factories record none."""
    return lambda: list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
