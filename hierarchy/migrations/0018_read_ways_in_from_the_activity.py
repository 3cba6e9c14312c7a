from django.db import migrations

BATCH = 10_000  # events at once

# An event is written in the same transaction as the membership that it tells of.
SAME_MOMENT = """
    membership.created_at BETWEEN event.created_at - interval '1 minute'
    AND event.created_at + interval '1 minute'
"""
SAME_NODE = """
    membership.organization_id = event.organization_id
    AND membership.workspace_id IS NOT DISTINCT FROM event.workspace_id
    AND membership.application_id IS NOT DISTINCT FROM event.application_id
"""
ACTOR = "(SELECT person.id FROM accounts_user AS person WHERE person.id = event.actor_id)"
# In this order, since what comes later holds: a recovery, and a transfer, whatever was before.
STATEMENTS = (
    f"""
    UPDATE hierarchy_membership AS membership SET way_in = 'founder'
    FROM hierarchy_auditevent AS event
    WHERE event.id > %(after)s AND event.id <= %(last)s AND event.action = 'organization.create'
    AND membership.user_id = event.actor_id AND membership.way_in = ''
    AND {SAME_NODE} AND {SAME_MOMENT}
    """,
    f"""
    UPDATE hierarchy_membership AS membership SET way_in = 'invitation'
    FROM hierarchy_auditevent AS event
    WHERE event.id > %(after)s AND event.id <= %(last)s AND event.action = 'invitation.accept'
    AND membership.user_id = event.actor_id AND membership.way_in = ''
    AND {SAME_NODE} AND {SAME_MOMENT}
    """,
    f"""
    UPDATE hierarchy_membership AS membership SET way_in = 'request'
    FROM hierarchy_auditevent AS event, hierarchy_accessrequest AS request
    WHERE event.id > %(after)s AND event.id <= %(last)s AND event.action = 'access_request.approve'
    AND event.target_type = 'accessrequest' AND request.id = event.target_id
    AND membership.user_id = request.user_id AND membership.way_in = ''
    AND {SAME_NODE} AND {SAME_MOMENT}
    """,
    """
    UPDATE hierarchy_membership AS membership
    SET way_in = 'domain', way_in_detail = event.target_label
    FROM hierarchy_auditevent AS event
    WHERE event.id > %(after)s AND event.id <= %(last)s AND event.action = 'membership.join'
    AND membership.id = event.target_id AND membership.way_in = ''
    """,
    """
    UPDATE hierarchy_membership AS membership SET way_in = 'staff'
    FROM hierarchy_auditevent AS event
    WHERE event.id > %(after)s AND event.id <= %(last)s AND event.action = 'membership.add'
    AND membership.id = event.target_id AND membership.way_in = ''
    """,
    f"""
    UPDATE hierarchy_membership AS membership
    SET way_in = 'recovery', way_in_detail = '', invited_by_id = {ACTOR}
    FROM hierarchy_auditevent AS event, hierarchy_ownershiprecovery AS recovery
    WHERE event.id > %(after)s AND event.id <= %(last)s
    AND event.action = 'ownership_recovery.complete' AND recovery.id = event.target_id
    AND membership.user_id = recovery.user_id AND {SAME_NODE}
    AND membership.created_at <= event.created_at
    """,
    f"""
    UPDATE hierarchy_membership AS membership
    SET way_in = 'transfer', way_in_detail = event.target_label, invited_by_id = {ACTOR}
    FROM (
        SELECT DISTINCT ON (kept.id) kept.id AS membership_id, event.actor_id, event.target_label
        FROM hierarchy_auditevent AS event JOIN hierarchy_membership AS kept ON (
            event.target_type = 'workspace' AND kept.workspace_id = event.target_id
            OR event.target_type = 'application' AND kept.application_id = event.target_id
        )
        WHERE event.id > %(after)s AND event.id <= %(last)s AND event.action = 'transfer.accept'
        AND kept.created_at <= event.created_at
        ORDER BY kept.id, event.id DESC
    ) AS event
    WHERE membership.id = event.membership_id
    """,
    """
    UPDATE hierarchy_accessreview AS review SET former_workspace = event.target_label
    FROM hierarchy_auditevent AS event
    WHERE event.id > %(after)s AND event.id <= %(last)s AND event.action = 'access_review.start'
    AND event.workspace_id IS NOT NULL AND review.id = event.target_id
    AND review.workspace_id IS NULL
    """,
)


def read(apps, schema_editor):
    """Fill in what the activity tells, from its beginning: to start it again changes nothing."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM hierarchy_auditevent")
        (newest,) = cursor.fetchone()
        for after in range(0, newest, BATCH):
            for statement in STATEMENTS:
                cursor.execute(statement, {"after": after, "last": after + BATCH})


class Migration(migrations.Migration):
    """How members came in, and of which workspace a review was that has left, is in the activity.

    Backwards it leaves what it has found: it is true, and goes with its columns.
    """

    atomic = False  # each batch is committed by itself: nobody waits long, and it can begin again

    dependencies = [("hierarchy", "0017_say_how_people_came_in")]

    operations = [migrations.RunPython(read, migrations.RunPython.noop, elidable=True)]
