from django.db import migrations, transaction

BATCH = 10_000  # events at once

# What somebody can do who is no member. Whatever else is done takes a role there, or is staff's.
OUTSIDERS_DO = """(
    'invitation.decline', 'transfer.decline', 'transfer.accept', 'transfer.leave',
    'access_request.ask', 'access_request.withdraw'
)"""
A_MEMBER = """EXISTS (
    SELECT FROM hierarchy_membership AS membership
    WHERE membership.organization_id = event.organization_id
    AND membership.user_id = event.actor_id
)"""
FILL = f"""
    UPDATE hierarchy_auditevent AS event SET acted_as = CASE
        WHEN event.actor_id IS NULL THEN 'system'
        WHEN event.door = 'admin' THEN 'staff'
        WHEN event.organization_id IS NULL THEN 'outsider'
        WHEN event.door = 'command' AND NOT {A_MEMBER} AND EXISTS (
            SELECT FROM accounts_user AS person WHERE person.id = event.actor_id AND person.is_staff
        ) THEN 'staff'
        WHEN event.action NOT IN {OUTSIDERS_DO} THEN 'member'
        WHEN {A_MEMBER} THEN 'member'
        ELSE 'outsider'
    END
    WHERE event.id > %(after)s AND event.id <= %(last)s AND event.acted_as = ''
"""
TRIGGER = "ALTER TABLE hierarchy_auditevent %s TRIGGER hierarchy_auditevent_append_only"


def fill(apps, schema_editor):
    """Say it of each event that doesn't: to start it again goes on where it has ended."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM hierarchy_auditevent")
        (newest,) = cursor.fetchone()
        for after in range(0, newest, BATCH):
            with transaction.atomic():  # nobody sees the events without their trigger
                cursor.execute(TRIGGER % "DISABLE")
                cursor.execute(FILL, {"after": after, "last": after + BATCH})
                cursor.execute(TRIGGER % "ENABLE")


class Migration(migrations.Migration):
    """Of older events it is told as far as they show it.

    Backwards it leaves what it has found: that goes with its column.
    """

    atomic = False  # each batch is committed by itself: nobody waits long, and it can begin again

    dependencies = [("hierarchy", "0024_say_who_acted_for_whom")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
