from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    """People are found by the beginning of either name without reading all of them."""

    atomic = False  # so are indexes built beside those who read and write

    dependencies = [("accounts", "0002_canonical_email_addresses")]

    operations = [
        AddIndexConcurrently(
            "user",
            models.Index(OpClass(Lower(name), "text_pattern_ops"), name=f"accounts_user_{name}"),
        )
        for name in ("first_name", "last_name")
    ]
