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

    dependencies = [("hierarchy", "0022_invite_for_a_while")]

    operations = [
        add_membership("organizationgrant"),
        add_membership("workspacegrant"),
        add_membership("applicationgrant"),
    ]
