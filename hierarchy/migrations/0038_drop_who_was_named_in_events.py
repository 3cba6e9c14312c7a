from django.db import migrations


class Migration(migrations.Migration):
    """Events name nobody themselves, since the migration before."""

    dependencies = [("hierarchy", "0037_take_people_out_of_events")]

    operations = [
        migrations.RemoveField("auditevent", "actor_label"),
        migrations.RemoveField("auditevent", "address"),
        migrations.RemoveField("auditevent", "user_agent"),
    ]
