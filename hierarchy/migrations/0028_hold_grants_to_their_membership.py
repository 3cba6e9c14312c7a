import django.db.models.deletion
from django.db import migrations, models

LEVELS = ("organization", "workspace", "application")

# In SQL what `hierarchy.grants` says in Python: what a membership implies, by itself and by those
# of the same person above it. No row, or one.
IMPLIED = """
    CREATE FUNCTION hierarchy_implied_grant(membership bigint) RETURNS TABLE (
        level text, user_id bigint, node_id bigint, permission_id integer, custom_role_id bigint,
        starts_at timestamptz, ends_at timestamptz
    ) LANGUAGE sql STABLE AS $$
        SELECT t.model, m.user_id, coalesce(m.application_id, m.workspace_id, m.organization_id),
               p.id, m.custom_role_id, m.starts_at, m.ends_at
        FROM hierarchy_membership AS m
        JOIN django_content_type AS t ON t.app_label = 'hierarchy' AND t.model = CASE
            WHEN m.application_id IS NOT NULL THEN 'application'
            WHEN m.workspace_id IS NOT NULL THEN 'workspace' ELSE 'organization' END
        JOIN auth_permission AS p
            ON p.content_type_id = t.id AND p.codename = m.role || '_' || t.model
        WHERE m.id = membership AND m.status = 'active' AND NOT EXISTS (
            SELECT FROM hierarchy_membership AS above
            WHERE above.user_id = m.user_id AND above.organization_id = m.organization_id
            AND above.status = 'suspended'
            AND (above.workspace_id IS NULL OR above.workspace_id = m.workspace_id)
            AND (above.application_id IS NULL OR above.application_id = m.application_id)
        )
    $$
"""
# The membership and those above it stay as they are until the commit: who changes one of them
# meanwhile waits, and then finds this grant.
REFUSE_STRAY = """
    CREATE FUNCTION hierarchy_refuse_stray_grant() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM hierarchy_membership AS m, hierarchy_membership AS above
        WHERE m.id = NEW.membership_id
        AND above.user_id = m.user_id AND above.organization_id = m.organization_id
        AND (above.workspace_id IS NULL OR above.workspace_id = m.workspace_id)
        AND (above.application_id IS NULL OR above.application_id = m.application_id)
        FOR SHARE OF above;
        IF NOT EXISTS (
            SELECT FROM hierarchy_implied_grant(NEW.membership_id) AS implied
            WHERE implied.level = TG_ARGV[0] AND implied.user_id = NEW.user_id
            AND implied.node_id = NEW.content_object_id
            AND implied.permission_id = NEW.permission_id
            AND implied.custom_role_id IS NOT DISTINCT FROM NEW.custom_role_id
            AND implied.starts_at IS NOT DISTINCT FROM NEW.starts_at
            AND implied.ends_at IS NOT DISTINCT FROM NEW.ends_at
        ) THEN
            RAISE EXCEPTION 'a grant says what its membership implies, and nothing else'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
"""
# A membership that changes takes away what it no longer implies: of its own, and when it is
# suspended also beneath it. Other dates are taken over. What is implied from now on isn't added:
# that is for `hierarchy.grants`. Who inserts what is suspended waits for actions under way, whose
# grants beneath it couldn't be seen yet.
END_STRAY = """
    CREATE FUNCTION hierarchy_end_stray_grants() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' AND NEW.status <> 'suspended' THEN
            RETURN NULL;
        ELSIF TG_OP = 'INSERT' THEN
            PERFORM FROM hierarchy_organization WHERE id = NEW.organization_id FOR NO KEY UPDATE;
        ELSIF (
            NEW.user_id, NEW.organization_id, NEW.workspace_id, NEW.application_id, NEW.role,
            NEW.custom_role_id, NEW.status, NEW.starts_at, NEW.ends_at
        ) IS NOT DISTINCT FROM (
            OLD.user_id, OLD.organization_id, OLD.workspace_id, OLD.application_id, OLD.role,
            OLD.custom_role_id, OLD.status, OLD.starts_at, OLD.ends_at
        ) THEN
            RETURN NULL;
        END IF;
        -- of each level --
        RETURN NULL;
    END $$
"""
END_STRAY_OF_LEVEL = """
        IF NEW.status = 'suspended' THEN
            DELETE FROM hierarchy_{level}grant AS g USING hierarchy_membership AS m
            WHERE m.id = g.membership_id
            AND m.user_id = NEW.user_id AND m.organization_id = NEW.organization_id
            AND (NEW.workspace_id IS NULL OR m.workspace_id = NEW.workspace_id)
            AND (NEW.application_id IS NULL OR m.application_id = NEW.application_id);
        END IF;
        DELETE FROM hierarchy_{level}grant AS g
        WHERE g.membership_id = NEW.id AND NOT EXISTS (
            SELECT FROM hierarchy_implied_grant(NEW.id) AS implied
            WHERE implied.level = '{level}' AND implied.user_id = g.user_id
            AND implied.node_id = g.content_object_id
            AND implied.permission_id = g.permission_id
            AND implied.custom_role_id IS NOT DISTINCT FROM g.custom_role_id
        );
        UPDATE hierarchy_{level}grant SET starts_at = NEW.starts_at, ends_at = NEW.ends_at
        WHERE membership_id = NEW.id
        AND (starts_at, ends_at) IS DISTINCT FROM (NEW.starts_at, NEW.ends_at);
"""


def create_functions():
    each_level = "".join(END_STRAY_OF_LEVEL.format(level=level) for level in LEVELS)
    end_stray = END_STRAY.replace("-- of each level --", each_level)
    return migrations.RunSQL(
        [IMPLIED, REFUSE_STRAY, end_stray],
        [
            "DROP FUNCTION hierarchy_end_stray_grants()",
            "DROP FUNCTION hierarchy_refuse_stray_grant()",
            "DROP FUNCTION hierarchy_implied_grant(bigint)",
        ],
    )


def require_membership(level):
    """Say by a constraint that is checked without a lock against reading: never null."""
    table = f"hierarchy_{level}grant"
    named = migrations.RunSQL(
        [
            f"""
            ALTER TABLE {table} ADD CONSTRAINT {table}_has_membership
            CHECK (membership_id IS NOT NULL) NOT VALID
            """,
            f"ALTER TABLE {table} VALIDATE CONSTRAINT {table}_has_membership",
        ],
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_has_membership",
    )
    required = migrations.AlterField(
        model_name=f"{level}grant",
        name="membership",
        field=models.OneToOneField(
            db_constraint=False,
            on_delete=django.db.models.deletion.DO_NOTHING,
            related_name="+",
            to="hierarchy.membership",
        ),
    )
    return migrations.SeparateDatabaseAndState([named], [required])


def hold(level):
    table = f"hierarchy_{level}grant"
    return migrations.RunSQL(
        [
            f"""
            ALTER TABLE {table} ADD CONSTRAINT {table}_membership
            FOREIGN KEY (membership_id) REFERENCES hierarchy_membership (id) ON DELETE CASCADE
            """,
            f"""
            CREATE TRIGGER {table}_is_implied BEFORE INSERT OR UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION hierarchy_refuse_stray_grant('{level}')
            """,
        ],
        [
            f"DROP TRIGGER {table}_is_implied ON {table}",
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_membership",
        ],
    )


class Migration(migrations.Migration):
    """No access without the membership that it comes from, whoever writes, and by whatever way."""

    dependencies = [("hierarchy", "0027_fill_in_memberships_of_grants")]

    operations = [
        *(require_membership(level) for level in LEVELS),
        create_functions(),
        *(hold(level) for level in LEVELS),
        migrations.RunSQL(
            """
            CREATE TRIGGER hierarchy_membership_ends_stray_grants
            AFTER INSERT OR UPDATE ON hierarchy_membership
            FOR EACH ROW EXECUTE FUNCTION hierarchy_end_stray_grants()
            """,
            "DROP TRIGGER hierarchy_membership_ends_stray_grants ON hierarchy_membership",
        ),
    ]
