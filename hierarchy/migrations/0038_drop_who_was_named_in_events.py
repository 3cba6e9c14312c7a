from django.db import migrations


class Migration(migrations.Migration):
    """Events name nobody themselves, since the migration before.

    The columns stay, empty, for the code that still runs beside this migration. Whom its events
    name there is nobody to the code that comes; the next release moves that, as the migration
    before does, and drops the columns.
    """

    dependencies = [("hierarchy", "0037_take_people_out_of_events")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField("auditevent", "actor_label"),
                migrations.RemoveField("auditevent", "address"),
                migrations.RemoveField("auditevent", "user_agent"),
            ]
        )
    ]
