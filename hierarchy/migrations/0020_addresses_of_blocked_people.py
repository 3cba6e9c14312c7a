from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Blocks recognise the addresses of somebody who closes the account and signs up anew."""

    atomic = False  # so the index is built beside those who read and write

    dependencies = [("hierarchy", "0019_show_workspaces_to_custom_roles")]

    operations = [
        migrations.AddField(
            "blockedperson",
            "address_hashes",
            ArrayField(
                models.CharField(max_length=64), default=list, db_default=[], editable=False
            ),
        ),
        AddIndexConcurrently(
            "blockedperson",
            GinIndex(fields=("address_hashes",), name="hierarchy_blocked_address"),
        ),
    ]
