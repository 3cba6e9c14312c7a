from django.db import migrations

# Whoever deletes is asked for the way that they have come: only the function below may.
REFUSE = """
    CREATE OR REPLACE FUNCTION hierarchy_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        way text;
    BEGIN
        IF TG_OP IN ('DELETE', 'INSERT') THEN
            GET DIAGNOSTICS way = PG_CONTEXT;
            IF position('hierarchy_purge_events(bigint,jsonb)' IN way) > 0 THEN
                IF TG_OP = 'DELETE' THEN
                    RETURN OLD;
                END IF;
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION '%', coalesce(TG_ARGV[0], 'audit events are never changed or deleted')
            USING ERRCODE = 'insufficient_privilege';
    END $$;
"""
REFUSE_AS_BEFORE = """
    CREATE OR REPLACE FUNCTION hierarchy_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'audit events are never changed or deleted'
            USING ERRCODE = 'insufficient_privilege';
    END $$;
"""

# It does as who owns the tables, since who calls it may not delete. Each event is hashed with the
# digest of all before it: docs/decisions/purging.md says how to do that again.
PURGE = """
    CREATE FUNCTION hierarchy_purge_events(organization bigint, removed jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        gone hierarchy_organization;
        event hierarchy_auditevent;
        digest text := '';
        events bigint := 0;
        identities bigint;
        receipt bigint;
    BEGIN
        SELECT * INTO gone FROM hierarchy_organization AS o WHERE o.id = organization FOR UPDATE;
        IF gone.deleted_at IS NULL THEN
            RAISE EXCEPTION 'only an organization in the trash is purged'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        FOR event IN
            SELECT * FROM hierarchy_auditevent AS e WHERE e.organization_id = organization
            ORDER BY e.number
        LOOP
            digest := encode(sha256(convert_to(
                digest || ' ' || event.number || ' ' || to_jsonb(event)::text, 'UTF8')), 'hex');
            events := events + 1;
        END LOOP;
        DELETE FROM hierarchy_auditevent AS e WHERE e.organization_id = organization;
        DELETE FROM hierarchy_whereabouts AS w USING hierarchy_identity AS i
            WHERE w.identity_id = i.id AND i.organization_id = organization;
        DELETE FROM hierarchy_identity AS i WHERE i.organization_id = organization;
        GET DIAGNOSTICS identities = ROW_COUNT;
        INSERT INTO hierarchy_purgereceipt (organization_public_id, created_at, deleted_at,
            purged_at, purged_by, events, removed, checksum)
        VALUES (gone.public_id, gone.created_at, gone.deleted_at, now(), 'Canopy', events,
            removed || jsonb_build_object('auditevent', events, 'identity', identities), digest)
        RETURNING id INTO receipt;
        RETURN receipt;
    END $$;
    REVOKE EXECUTE ON FUNCTION hierarchy_purge_events(bigint, jsonb) FROM PUBLIC;
"""
FORGET_PURGE = "DROP FUNCTION hierarchy_purge_events(bigint, jsonb)"

IDENTITIES = "'what audit events refer to is never deleted'"
RECEIPTS = "'purge receipts are never changed or deleted, and written by the purge alone'"
GUARD = f"""
    CREATE TRIGGER hierarchy_identity_no_delete BEFORE DELETE ON hierarchy_identity
    FOR EACH ROW EXECUTE FUNCTION hierarchy_refuse_change({IDENTITIES});
    CREATE TRIGGER hierarchy_identity_no_truncate BEFORE TRUNCATE ON hierarchy_identity
    FOR EACH STATEMENT EXECUTE FUNCTION hierarchy_refuse_change({IDENTITIES});
    CREATE TRIGGER hierarchy_whereabouts_no_delete BEFORE DELETE ON hierarchy_whereabouts
    FOR EACH ROW EXECUTE FUNCTION hierarchy_refuse_change({IDENTITIES});
    CREATE TRIGGER hierarchy_whereabouts_no_truncate BEFORE TRUNCATE ON hierarchy_whereabouts
    FOR EACH STATEMENT EXECUTE FUNCTION hierarchy_refuse_change({IDENTITIES});
    CREATE TRIGGER hierarchy_purgereceipt_append_only
    BEFORE INSERT OR UPDATE OR DELETE ON hierarchy_purgereceipt
    FOR EACH ROW EXECUTE FUNCTION hierarchy_refuse_change({RECEIPTS});
    CREATE TRIGGER hierarchy_purgereceipt_no_truncate BEFORE TRUNCATE ON hierarchy_purgereceipt
    FOR EACH STATEMENT EXECUTE FUNCTION hierarchy_refuse_change({RECEIPTS});
"""
UNGUARD = """
    DROP TRIGGER hierarchy_identity_no_delete ON hierarchy_identity;
    DROP TRIGGER hierarchy_identity_no_truncate ON hierarchy_identity;
    DROP TRIGGER hierarchy_whereabouts_no_delete ON hierarchy_whereabouts;
    DROP TRIGGER hierarchy_whereabouts_no_truncate ON hierarchy_whereabouts;
    DROP TRIGGER hierarchy_purgereceipt_append_only ON hierarchy_purgereceipt;
    DROP TRIGGER hierarchy_purgereceipt_no_truncate ON hierarchy_purgereceipt;
"""


class Migration(migrations.Migration):
    """Events leave by one function, with their organization and for a receipt; nothing else may."""

    dependencies = [("hierarchy", "0039_purge_receipts")]

    operations = [
        migrations.RunSQL(REFUSE, REFUSE_AS_BEFORE),
        migrations.RunSQL(PURGE, FORGET_PURGE),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
