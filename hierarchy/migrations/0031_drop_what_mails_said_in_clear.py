from django.db import migrations


class Migration(migrations.Migration):
    """What mails say is stored sealed alone, since the migration before.

    The column stays, empty, for the code that still runs beside this migration. What that queues now
    fails in the worker, and says so; the next release drops the column.
    """

    dependencies = [("hierarchy", "0030_seal_mails")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE hierarchy_outgoingmail ALTER COLUMN context SET DEFAULT '{}'",
                    "ALTER TABLE hierarchy_outgoingmail ALTER COLUMN context DROP DEFAULT",
                )
            ],
            state_operations=[migrations.RemoveField(model_name="outgoingmail", name="context")],
        )
    ]
