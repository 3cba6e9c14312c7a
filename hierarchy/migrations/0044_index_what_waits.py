from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What waits for someone is found by the nodes where they may answer, on every page."""

    atomic = False  # so the indexes are built beside those who read and write

    dependencies = [("hierarchy", "0043_schemes_of_trusted_origins")]

    operations = [
        AddIndexConcurrently(
            "accessrequest",
            models.Index(
                fields=("organization",),
                name="hierarchy_request_open_org",
                condition=models.Q(state="pending"),
            ),
        ),
        AddIndexConcurrently(
            "accessrequest",
            models.Index(
                fields=("workspace",),
                name="hierarchy_request_open_ws",
                condition=models.Q(state="pending", workspace__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            "accessrequest",
            models.Index(
                fields=("application",),
                name="hierarchy_request_open_app",
                condition=models.Q(state="pending", application__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            "accessreview",
            models.Index(
                fields=("workspace",),
                name="hierarchy_review_open_ws",
                condition=models.Q(state="open", workspace__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            "transfer",
            models.Index(
                fields=("to_workspace",),
                name="hierarchy_transfer_waiting_ws",
                condition=models.Q(state="pending", to_workspace__isnull=False),
            ),
        ),
    ]
