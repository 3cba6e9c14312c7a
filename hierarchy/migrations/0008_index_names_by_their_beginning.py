from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Collate, Lower

NODES = ("organization", "workspace", "application")


class Migration(migrations.Migration):
    """One index for prefix search that also has the order of what it finds."""

    atomic = False  # so are indexes built beside those who read and write

    dependencies = [("hierarchy", "0007_access_requests")]

    operations = [
        *(
            AddIndexConcurrently(
                node,
                models.Index(
                    Collate(Lower("name"), "C"), models.F("id"), name=f"hierarchy_{node}_start"
                ),
            )
            for node in NODES
        ),
        *(RemoveIndexConcurrently(node, f"hierarchy_{node}_prefix") for node in NODES),
    ]
