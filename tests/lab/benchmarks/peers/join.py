"""The lower bound: a plain table of memberships, asked by hand-written SQL."""

from django.db import connection

# What a membership grants is asked with all that can end it: its status, its dates, the account.
_IN_FORCE = """
    m.user_id = %(user)s AND m.status = 'active'
    AND (m.starts_at IS NULL OR m.starts_at <= statement_timestamp())
    AND (m.ends_at IS NULL OR m.ends_at > statement_timestamp())
"""
_MAY_SEE = f"""
    SELECT m.role, c.permissions FROM hierarchy_membership m
    JOIN accounts_user u ON u.id = m.user_id AND u.is_active
    LEFT JOIN hierarchy_customrole c ON c.id = m.custom_role_id
    WHERE {_IN_FORCE} AND (
        (m.application_id = %(application)s)
        OR (m.workspace_id = %(workspace)s AND m.application_id IS NULL)
        OR (m.organization_id = %(organization)s AND m.workspace_id IS NULL))
"""
_FIRST_WORKSPACES = f"""
    SELECT w.* FROM hierarchy_membership m
    JOIN hierarchy_workspace w ON w.id = m.workspace_id
    WHERE {_IN_FORCE} AND m.application_id IS NULL
    ORDER BY w.name, w.id LIMIT 51
"""


def may_see(user, application) -> bool:
    path = {
        "application": application.pk,
        "workspace": application.workspace_id,
        "organization": application.organization_id,
    }
    return _ask(_MAY_SEE, path | {"user": user.pk}) != []


def first_workspaces(user) -> list:
    """Return the first workspaces of somebody who is a member of workspaces alone."""
    return _ask(_FIRST_WORKSPACES, {"user": user.pk})


def _ask(sql, parameters) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
