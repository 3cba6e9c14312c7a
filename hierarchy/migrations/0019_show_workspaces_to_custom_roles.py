from django.db import migrations

BATCH = 1000
# Saving a role adds it where something of applications is granted. Held roles were saved before
# that rule: they show applications and not the way to them. Its place is that in the table.
SHOW_WORKSPACES = """
    UPDATE hierarchy_customrole
    SET permissions = permissions[:at - 1] || 'view_workspace'::varchar || permissions[at:]
    FROM (
        SELECT id AS role, array_position(permissions, 'view_application') AS at
        FROM hierarchy_customrole
        WHERE deleted_at IS NULL
        AND permissions @> ARRAY['view_application']::varchar[]
        AND NOT permissions @> ARRAY['view_workspace']::varchar[]
        ORDER BY id
        LIMIT %s
    ) AS incomplete
    WHERE id = role
"""


def show_workspaces(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(SHOW_WORKSPACES, [BATCH])
            if cursor.rowcount < BATCH:
                break


class Migration(migrations.Migration):
    """Roles that show applications show their workspaces, too. Going back takes that from nobody.

    Each batch is a transaction of its own: interrupted, it goes on where it was.
    """

    atomic = False

    dependencies = [("hierarchy", "0018_read_ways_in_from_the_activity")]

    operations = [migrations.RunPython(show_workspaces, migrations.RunPython.noop)]
