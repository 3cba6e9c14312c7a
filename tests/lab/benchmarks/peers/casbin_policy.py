"""pycasbin's own model of roles in domains: a person has a role in a node, a role may do things.

What roles may do is loaded once per process; whom somebody is where, by one query per request.
"""

from functools import cache

import casbin
from django.db import connection

from hierarchy.roles import Level, Permission, Role, permissions_of

MODEL = """
[request_definition]
r = person, node, permission
[policy_definition]
p = role, permission
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.person, p.role, r.node) && r.permission == p.permission
"""
_ROLES_OF_USER = """
    SELECT role, organization_id, workspace_id, application_id FROM hierarchy_membership
    WHERE user_id = %s AND status = 'active'
"""


@cache
def _enforcer() -> casbin.Enforcer:
    enforcer = casbin.Enforcer(casbin.Enforcer.new_model(text=MODEL))
    enforcer.add_policies(
        [
            [role.codename(level), permission.value]
            for level in Level
            for role in Role
            for permission in permissions_of(role, level)
        ]
    )
    return enforcer


def load(user) -> casbin.Enforcer:
    """Return the enforcer with the policies of `user` in place of whoever asked before."""
    enforcer = _enforcer()
    enforcer.remove_grouping_policies(list(enforcer.get_grouping_policy()))
    enforcer.add_grouping_policies(list(_groupings(user)))
    return enforcer


def may(enforcer: casbin.Enforcer, user, permission: Permission, node) -> bool:
    """Climb: a role in a node holds beneath it."""
    return any(
        enforcer.enforce(str(user.pk), _name(part.level, part.pk), permission.value)
        for part in reversed(node.path)
    )


def _groupings(user):
    with connection.cursor() as cursor:
        cursor.execute(_ROLES_OF_USER, [user.pk])
        rows = cursor.fetchall()
    for role, *path in rows:
        held_on = [part for part in path if part is not None]
        level = list(Level)[len(held_on) - 1]
        yield str(user.pk), Role(role).codename(level), _name(level, held_on[-1])


def _name(level, pk) -> str:
    return f"{level}:{pk}"
