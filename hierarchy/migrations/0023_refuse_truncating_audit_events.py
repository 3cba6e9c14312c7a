from django.db import migrations

REFUSE = """
    CREATE TRIGGER hierarchy_auditevent_no_truncate
    BEFORE TRUNCATE ON hierarchy_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION hierarchy_refuse_change();
"""
ALLOW = "DROP TRIGGER hierarchy_auditevent_no_truncate ON hierarchy_auditevent"


class Migration(migrations.Migration):
    """A whole log can't be emptied either, also not by TRUNCATE of a table that leads to it."""

    dependencies = [("hierarchy", "0022_invite_for_a_while")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
