"""Say what `version` of a node is for: forms have their own. No column changes."""

from django.db import migrations, models

HELP = "Grows with every edit, and so does the logo's address."


def say(node):
    field = models.PositiveIntegerField(default=1, editable=False, help_text=HELP)
    return migrations.AlterField(model_name=node, name="version", field=field)


class Migration(migrations.Migration):
    dependencies = [("hierarchy", "0040_purge_events_for_a_receipt")]

    operations = [say(node) for node in ("organization", "workspace", "application")]
