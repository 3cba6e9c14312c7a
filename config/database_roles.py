"""Two roles of the database: one owns the tables and migrates, a lesser one serves people.

Whatever the web server and the worker are made to do, by people or by an attacker, the lesser one
can only do it to rows: it alters and truncates no table, and where rows are written once, it only
adds and reads them. docs/decisions/two-database-roles.md has the reasons.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connection

ROWS = "SELECT, INSERT, UPDATE, DELETE"


@contextmanager
def as_owner() -> Iterator[None]:
    """Be who owns the tables within the block, if MIGRATION_DATABASE_URL names them."""
    owner = settings.MIGRATION_DATABASE
    if not owner:
        yield
        return
    service = connection.settings_dict
    options = {**service["OPTIONS"], **owner.get("OPTIONS", {})}
    person = {name: owner.get(name, "") for name in ("USER", "PASSWORD", "HOST", "PORT")}
    connection.close()
    connection.settings_dict = service | person | {"OPTIONS": options}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = service


def service_role() -> str:
    """Return the role that the web server and the worker connect as; "" when it is the owner."""
    return str(settings.DATABASES["default"]["USER"]) if settings.MIGRATION_DATABASE else ""


def is_granted(role: str) -> bool:
    """Return whether `role` has been given what it needs: see `grant`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'django_migrations', 'SELECT')", [role])
        return bool(cursor.fetchone()[0])


def grant(role: str) -> None:
    """Give `role` what it needs on all tables there are and will be; again changes nothing.

    The owner of the tables has to ask. A table that refuses changes by a trigger is one to read
    and to add to.
    """
    name = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {name}",
            f"GRANT {ROWS} ON ALL TABLES IN SCHEMA public TO {name}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
            f"GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO {name}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {ROWS} ON TABLES TO {name}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {name}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON ROUTINES TO {name}",
            f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {name}",
        ):
            cursor.execute(statement)
        for table in _written_once(cursor):
            cursor.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {name}")


def _written_once(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE %s", ["%\\_append\\_only"]
    )
    return [table for (table,) in cursor.fetchall()]


@checks.register(checks.Tags.database, deploy=True)
def check_roles(databases: Any = None, **_kwargs: Any) -> list[checks.CheckMessage]:
    """Warn of a service that could change the tables; asked for by `check --database default`."""
    if not databases or "default" not in databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class"
            " WHERE oid = to_regclass('django_migrations')"
        )
        owns = any(row[0] for row in cursor.fetchall())
    if not owns:
        return []
    sentence = "The role in DATABASE_URL owns the tables, so the web server could alter them."
    hint = "Create a second role as described in docs/operating.md, and set MIGRATION_DATABASE_URL."
    return [checks.Warning(sentence, hint=hint, id="canopy.W001")]
