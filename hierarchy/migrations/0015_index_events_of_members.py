from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """When a member was last active in an organization is read from an index, for all of them."""

    atomic = False  # so the index is built beside those who read and write

    dependencies = [("hierarchy", "0014_access_reviews")]

    operations = [
        AddIndexConcurrently(
            "auditevent",
            models.Index(
                fields=("organization_id", "actor_id", "-id"), name="hierarchy_event_of_member"
            ),
        ),
    ]
