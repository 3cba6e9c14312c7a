import logging

from django.db import migrations

BATCH = 10_000  # grants at once
# The node that a membership of each level hangs on, and what it then names besides.
LEVELS = {
    "organization": "m.workspace_id IS NULL AND m.organization_id",
    "workspace": "m.application_id IS NULL AND m.workspace_id",
    "application": "m.application_id",
}
FILL_IN = """
    UPDATE hierarchy_{level}grant AS g SET membership_id = m.id
    FROM hierarchy_membership AS m, auth_permission AS p
    WHERE g.membership_id IS NULL AND g.id > %(after)s AND g.id <= %(last)s
    AND m.user_id = g.user_id AND {node} = g.content_object_id AND m.status = 'active'
    AND p.id = g.permission_id AND p.codename = m.role || '_{level}'
    AND m.custom_role_id IS NOT DISTINCT FROM g.custom_role_id
    AND m.starts_at IS NOT DISTINCT FROM g.starts_at
    AND m.ends_at IS NOT DISTINCT FROM g.ends_at
    AND NOT EXISTS (
        SELECT FROM hierarchy_membership AS above
        WHERE above.user_id = m.user_id AND above.organization_id = m.organization_id
        AND above.status = 'suspended'
        AND (above.workspace_id IS NULL OR above.workspace_id = m.workspace_id)
        AND (above.application_id IS NULL OR above.application_id = m.application_id)
    )
"""
DROP_STRAYS = """
    DELETE FROM hierarchy_{level}grant AS g
    WHERE membership_id IS NULL AND id > %(after)s AND id <= %(last)s
    RETURNING user_id, content_object_id,
        (SELECT codename FROM auth_permission AS p WHERE p.id = g.permission_id)
"""

logger = logging.getLogger("canopy.migrations")


def fill_in(apps, schema_editor):
    """Note each grant's membership; drop, and tell of, what no membership implies.

    To start it again goes on where it stopped. A grant that is missing is for
    `manage.py resync_permissions` to add.
    """
    with schema_editor.connection.cursor() as cursor:
        for level, node in LEVELS.items():
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM hierarchy_{level}grant")
            (newest,) = cursor.fetchone()
            for after in range(0, newest, BATCH):
                batch = {"after": after, "last": after + BATCH}
                cursor.execute(FILL_IN.format(level=level, node=node), batch)
                cursor.execute(DROP_STRAYS.format(level=level), batch)
                for user, stray_on, codename in cursor.fetchall():
                    logger.warning(
                        "Dropped what no membership implies: %s of user %s on %s %s",
                        codename,
                        user,
                        level,
                        stray_on,
                    )


class Migration(migrations.Migration):
    """Backwards it leaves what it has filled in: it goes with its column."""

    atomic = False  # each batch is committed by itself: nobody waits long, and it can begin again

    dependencies = [("hierarchy", "0026_grants_name_their_membership")]

    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop, elidable=True)]
