from django.db import migrations

from config.visible_text import without_hidden

BATCH = 1_000


def show(apps, schema_editor):
    """Take out of people's names what nobody can see; to start it again changes nothing."""
    user = apps.get_model("accounts", "User")
    people = user.objects.exclude(first_name="", last_name="").order_by("pk")
    for person in people.only("first_name", "last_name").iterator(BATCH):
        names = {name: getattr(person, name) for name in ("first_name", "last_name")}
        seen = {name: without_hidden(value) for name, value in names.items()}
        if seen != names:
            user.objects.filter(pk=person.pk, **names).update(**seen)


class Migration(migrations.Migration):
    """Names from before the rule are as the rule has them; backwards they stay so."""

    atomic = False  # each person is committed by themselves: nobody waits, and it can begin again

    dependencies = [("accounts", "0007_keep_addresses_of_accounts_in_ascii")]

    operations = [migrations.RunPython(show, migrations.RunPython.noop, elidable=True)]
