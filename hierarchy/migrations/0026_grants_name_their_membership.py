import django.db.models.deletion
from django.db import migrations, models


def add_membership(noun):
    return migrations.AddField(
        model_name=noun,
        name="membership",
        field=models.OneToOneField(
            db_constraint=False,
            null=True,
            on_delete=django.db.models.deletion.DO_NOTHING,
            related_name="+",
            to="hierarchy.membership",
        ),
    )


class Migration(migrations.Migration):
    """A grant has room for the membership that it comes from; the next migration fills it in."""

    dependencies = [("hierarchy", "0025_tell_members_from_others_in_older_events")]

    operations = [
        add_membership("organizationgrant"),
        add_membership("workspacegrant"),
        add_membership("applicationgrant"),
    ]
