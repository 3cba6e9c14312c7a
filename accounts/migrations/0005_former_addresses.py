from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Accounts are recognised by the addresses that they had before."""

    atomic = False  # so the index is built beside those who read and write

    dependencies = [("accounts", "0004_index_avatars")]

    operations = [
        migrations.AddField(
            "user",
            "former_address_hashes",
            ArrayField(
                models.CharField(max_length=64), default=list, db_default=[], editable=False
            ),
        ),
        AddIndexConcurrently(
            "user",
            GinIndex(fields=("former_address_hashes",), name="accounts_user_former_address"),
        ),
    ]
