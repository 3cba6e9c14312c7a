"""What the role of the service may do to the database, and what only the owner of it may."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.core import checks
from django.core.cache import cache
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from config import database_roles
from config.development import embedded_postgres
from hierarchy import audit
from hierarchy.models import AuditEvent, Organization, PurgeReceipt
from hierarchy.tasks import send_mail
from tests.support.acting import nodes
from tests.support.postgres import TEMPLATE, migrated_cluster

ROOT = Path(__file__).resolve().parent.parent.parent
ROLE = "test_service"


@pytest.fixture
def as_service(db):
    """Be the service from here on, within the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE}_{os.getpid()}")
        database_roles.grant(f"{ROLE}_{os.getpid()}")

        def become():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"SET LOCAL ROLE {ROLE}_{os.getpid()}")

        yield become
        cursor.execute("RESET ROLE")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hierarchy_auditevent SET id = id",
        "DELETE FROM hierarchy_auditevent",
        "TRUNCATE hierarchy_auditevent",
        "UPDATE hierarchy_purgereceipt SET events = 0",
        "DELETE FROM hierarchy_purgereceipt",
        "TRUNCATE hierarchy_membership",
        "ALTER TABLE hierarchy_auditevent DISABLE TRIGGER ALL",
        "DROP TRIGGER hierarchy_auditevent_append_only ON hierarchy_auditevent",
        "ALTER TABLE hierarchy_membership ADD COLUMN more int",
        "DROP TABLE hierarchy_membership",
        "CREATE TABLE public.more (id int)",
        "CREATE FUNCTION public.more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION hierarchy_refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RETURN OLD; END'",
        "SET session_replication_role = replica",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('a', 'b', now())",
    ],
)
def test_refuse_to_the_service_what_only_the_owner_may(tree, as_service, statement):
    audit.record("organization.edit", by=None, node=tree.acme)
    as_service()

    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_let_the_service_do_its_work(tree, owner, as_service):
    as_service()

    nodes.edit(tree.shop, by=owner, name="Renamed")
    nodes.delete(tree.press, by=owner)
    job = send_mail.defer(mail_id=0)
    cache.set("kept", 1)

    assert [event.action for event in AuditEvent.objects.order_by("id")] == [
        "workspace.edit",
        "workspace.delete",
    ]
    assert (job > 0, cache.get("kept")) == (True, 1)
    call_command("createcachetable")


def test_let_the_service_purge_by_the_one_way_there_is(tree, owner, as_service):
    deleted = nodes.delete(tree.acme, by=owner)
    Organization.objects.update(deleted_at=timezone.now() - timedelta(days=31))
    as_service()

    assert nodes.purge(deleted)

    assert (AuditEvent.objects.count(), PurgeReceipt.objects.count()) == (0, 1)


def test_cover_tables_that_later_migrations_make(as_service):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later (id bigserial PRIMARY KEY)")
        as_service()

        cursor.execute("INSERT INTO later DEFAULT VALUES")
        cursor.execute("UPDATE later SET id = 2")
        cursor.execute("DELETE FROM later")


def test_warn_of_a_service_that_owns_its_tables(as_service):
    def warned():
        found = checks.run_checks(include_deployment_checks=True, databases=["default"])
        return [message.id for message in found if message.id == "canopy.W001"]

    assert warned() == ["canopy.W001"]

    as_service()

    assert warned() == []


def test_ask_no_database_unless_told_to():
    assert database_roles.check_roles(databases=None) == []


def test_be_the_owner_for_a_while(db, settings):
    settings.MIGRATION_DATABASE = connection.settings_dict | {"OPTIONS": {"application_name": "x"}}
    before = {**connection.settings_dict}
    # A test's own connection must stay: what is looked at is what a new one would be made of.
    connection.close, kept = (lambda: None), connection.close
    try:
        with database_roles.as_owner():
            inside = connection.settings_dict["OPTIONS"]["application_name"]
    finally:
        connection.close = kept

    assert inside == "x"
    assert connection.settings_dict == before


@pytest.fixture
def old_cluster(tmp_path_factory):
    """A folder whose database is from before there was a second role, and a table less."""
    data = tmp_path_factory.mktemp("var") / "pg18"
    embedded_postgres.copy(migrated_cluster(), data)
    owner = embedded_postgres.ROLE
    with embedded_postgres.in_use(data):
        for statement in (
            f"DROP DATABASE {embedded_postgres.DATABASE}",
            f"ALTER DATABASE {TEMPLATE} RENAME TO {embedded_postgres.DATABASE}",
        ):
            _as_role(data, owner, statement, database="postgres")
        for statement in (
            f"DROP OWNED BY {embedded_postgres.SERVICE_ROLE}",
            f"DROP ROLE {embedded_postgres.SERVICE_ROLE}",
            "DROP TABLE django_admin_log",
            "DELETE FROM django_migrations WHERE app = 'admin'",
        ):
            _as_role(data, owner, statement)
    yield data
    embedded_postgres.stop(data, delete=True)


def _as_role(data, role, statement, database=embedded_postgres.DATABASE):
    url = embedded_postgres.url(data, database, role)
    with psycopg.connect(url, autocommit=True) as database:
        return database.execute(statement)


def test_migrate_as_owner_and_serve_as_service_also_what_is_older(old_cluster):
    environment = {name: value for name, value in os.environ.items() if "DATABASE_URL" not in name}
    environment |= {"DEBUG": "true", "VAR_DIR": str(old_cluster.parent)}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"

    def manage(*arguments):
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)

    with embedded_postgres.in_use(old_cluster):
        manage("migrate", "--verbosity", "0")
        role = manage(
            "shell",
            "-c",
            "from django.db import connection as c; c.ensure_connection();"
            "print(c.execute_wrappers or c.connection.info.user)",
        ).stdout.decode()

        assert role.strip().endswith(embedded_postgres.SERVICE_ROLE)
        _as_role(old_cluster, embedded_postgres.SERVICE_ROLE, "SELECT FROM hierarchy_auditevent")
        _as_role(old_cluster, embedded_postgres.SERVICE_ROLE, "SELECT FROM django_admin_log")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _as_role(old_cluster, embedded_postgres.SERVICE_ROLE, "TRUNCATE hierarchy_auditevent")
