from django.db import migrations

REFUSE = """
    CREATE FUNCTION hierarchy_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'audit events are never changed or deleted'
            USING ERRCODE = 'insufficient_privilege';
    END $$;
    CREATE TRIGGER hierarchy_auditevent_append_only
    BEFORE UPDATE OR DELETE ON hierarchy_auditevent
    FOR EACH ROW EXECUTE FUNCTION hierarchy_refuse_change();
"""
ALLOW = """
    DROP TRIGGER hierarchy_auditevent_append_only ON hierarchy_auditevent;
    DROP FUNCTION hierarchy_refuse_change();
"""


class Migration(migrations.Migration):
    """Audit events can be added, and nothing else."""

    dependencies = [("hierarchy", "0002_composite_foreign_keys")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
