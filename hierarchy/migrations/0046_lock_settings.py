"""Let an organization or a workspace lock a setting for everything beneath it.

A trigger refuses a value that is set beneath a lock, by whichever door. What was set there before
stays, and so does what a move brings beneath a lock: it decides nothing until the lock is lifted.
"""

from django.conf import settings
from django.db import migrations, models

REFUSE_LOCKED = """
    CREATE FUNCTION hierarchy_refuse_locked_setting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM hierarchy_settingvalue AS above
            WHERE above.organization_id = NEW.organization_id
            AND above.key = NEW.key AND above.locked AND above.application_id IS NULL
            AND (
                (above.workspace_id IS NULL AND NEW.workspace_id IS NOT NULL)
                OR (above.workspace_id = NEW.workspace_id AND NEW.application_id IS NOT NULL)
            )
        ) THEN
            RAISE EXCEPTION 'the setting % is locked above', NEW.key
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE CONSTRAINT TRIGGER hierarchy_settingvalue_refuse_locked
        AFTER INSERT OR UPDATE OF key, value, locked ON hierarchy_settingvalue
        FOR EACH ROW EXECUTE FUNCTION hierarchy_refuse_locked_setting();
"""
ALLOW_LOCKED = """
    DROP TRIGGER hierarchy_settingvalue_refuse_locked ON hierarchy_settingvalue;
    DROP FUNCTION hierarchy_refuse_locked_setting();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("hierarchy", "0045_index_the_eldest_of_a_role"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="settingvalue",
            name="locked",
            field=models.BooleanField(db_default=False, default=False, verbose_name="locked"),
        ),
        migrations.AddConstraint(
            model_name="settingvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(("locked", False), ("application", None), _connector="OR"),
                name="hierarchy_settingvalue_locked_above",
            ),
        ),
        migrations.RunSQL(REFUSE_LOCKED, ALLOW_LOCKED),
    ]
