from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """A picture is found by its name without reading all people; most have none."""

    atomic = False  # so the index is built beside those who read and write

    dependencies = [("accounts", "0003_index_names_for_search")]

    operations = [
        AddIndexConcurrently(
            "user",
            models.Index(
                fields=("avatar",), condition=~models.Q(avatar=""), name="accounts_user_avatar"
            ),
        )
    ]
