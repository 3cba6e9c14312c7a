"""A platform of a given size, written by SQL alone: the whole tree, its people and its record.

Size 100 is 10,000 organizations, 100,000 workspaces (one organization has 5,000 of them and 5,000
members), 300,000 applications, 350,000 memberships and 1,000,000 audit events; size 1 is a
hundredth of that. Some people are placed by hand, under the same addresses at every size.
"""

from __future__ import annotations

from django.contrib.auth.models import Permission as DjangoPermission
from django.db import connection

from hierarchy import grants
from hierarchy.roles import Level, Role, permissions_of
from tests.lab.benchmarks.peers.guardian_project.models import APP_LABEL

ROLES = "(ARRAY['owner', 'manager', 'maintainer', 'viewer'])[1 + n % 4]"
# Somewhen in the last two years, in no order.
SINCE = "now() - n::bigint * 104729 % 1000000 * interval '1 minute'"

# :s is the size. The first organization is the big one. The people placed by hand come first.
STATEMENTS = """
INSERT INTO accounts_user (id, password, is_superuser, email, first_name, last_name, avatar,
                           language, time_zone, theme, is_staff, is_active, date_joined)
SELECT n, '', false, 'u' || n || '@example.com', 'P' || n, '', '', 'en', 'UTC', 'auto', false, true,
       now()
FROM generate_series(1, 1000 * :s) n;

INSERT INTO hierarchy_organization (id, public_id, name, slug, created_at, version, kind, email,
                                    website, logo, events)
SELECT n, gen_random_uuid(), 'Organization ' || md5(n::text), 'o' || n, now(), 1, 'business', '',
       '', '', 0
FROM generate_series(1, 100 * :s) n;

INSERT INTO hierarchy_workspace (id, public_id, name, slug, created_at, version, organization_id,
                                 website, logo)
SELECT n, gen_random_uuid(), 'Workspace ' || md5(n::text), 'w' || n, now(), 1,
       CASE WHEN n <= 50 * :s THEN 1 ELSE 1 + n % (100 * :s) END, '', ''
FROM generate_series(1, 1000 * :s) n;

INSERT INTO hierarchy_application (id, public_id, name, slug, created_at, version, organization_id,
                                   workspace_id, platform, environment, website, bundle_id)
SELECT (w.id - 1) * 3 + e.n, gen_random_uuid(), 'Application ' || md5(w.id::text), 'a' || w.id,
       now(), 1, w.organization_id, w.id, 'web', e.name, '', ''
FROM hierarchy_workspace w,
     (VALUES (1, 'production'), (2, 'staging'), (3, 'development')) AS e (n, name);

-- Members of the big organization, and one or two of every other one.
INSERT INTO hierarchy_membership (user_id, organization_id, role, status, created_at)
SELECT 10 + n % (1000 * :s - 10), 1, {roles}, 'active', {since}
FROM generate_series(1, 50 * :s) n
ON CONFLICT DO NOTHING;
INSERT INTO hierarchy_membership (user_id, organization_id, role, status, created_at)
SELECT 10 + (n::bigint * 7919) % (1000 * :s - 10), 2 + n % (100 * :s - 2), {roles},
       'active', {since}
FROM generate_series(1, 500 * :s) n
ON CONFLICT DO NOTHING;

-- Members of workspaces alone, and of a few applications.
INSERT INTO hierarchy_membership (user_id, organization_id, workspace_id, role, status,
                                  created_at)
SELECT 10 + (n::bigint * 104729) % (1000 * :s - 10), w.organization_id, w.id, {roles},
       'active', {since}
FROM generate_series(1, 2900 * :s) n
JOIN hierarchy_workspace w ON w.id = 1 + (n::bigint * 31) % (1000 * :s)
ON CONFLICT DO NOTHING;
INSERT INTO hierarchy_membership (user_id, organization_id, workspace_id, application_id, role,
                                  status, created_at)
SELECT 10 + (n::bigint * 15485863) % (1000 * :s - 10), a.organization_id, a.workspace_id, a.id,
       {roles}, 'active', {since}
FROM generate_series(1, 50 * :s) n
JOIN hierarchy_application a ON a.id = 1 + (n::bigint * 97) % (3000 * :s)
ON CONFLICT DO NOTHING;

-- 1: a guest of three workspaces · 2: owner of the big organization · 3: in several organizations
-- and workspaces · 4: a person with 20 × size workspaces of their own · 5: staff · 6: owner of an
-- organization with three members
DELETE FROM hierarchy_membership
WHERE user_id <= 8 OR (organization_id = 10 AND workspace_id IS NULL);
INSERT INTO hierarchy_membership (user_id, organization_id, workspace_id, role, status,
                                  created_at)
SELECT 1, organization_id, id, 'maintainer', 'active', now()
FROM hierarchy_workspace WHERE id IN (60 * :s, 61 * :s, 62 * :s);
INSERT INTO hierarchy_membership (user_id, organization_id, role, status, created_at)
SELECT 2, 1, 'owner', 'active', now();
INSERT INTO hierarchy_membership (user_id, organization_id, role, status, created_at)
SELECT 3, n, 'viewer', 'active', now() FROM generate_series(1, 3) n;
INSERT INTO hierarchy_membership (user_id, organization_id, workspace_id, role, status,
                                  created_at)
SELECT 3, organization_id, id, 'viewer', 'active', now()
FROM hierarchy_workspace WHERE id IN (70 * :s, 71 * :s) AND organization_id > 3;
INSERT INTO hierarchy_membership (user_id, organization_id, workspace_id, role, status,
                                  created_at)
SELECT 4, organization_id, id, 'maintainer', 'active', now()
FROM hierarchy_workspace WHERE id > 50 * :s LIMIT 20 * :s;
INSERT INTO hierarchy_membership (user_id, organization_id, role, status, created_at)
VALUES (6, 10, 'owner', 'active', now()), (7, 10, 'viewer', 'active', now()),
       (8, 10, 'manager', 'active', now());
UPDATE accounts_user SET is_staff = true, is_superuser = true WHERE id = 5;
INSERT INTO mfa_authenticator (user_id, type, data, created_at) VALUES (5, 'totp', '{}', now());

-- What is derived from memberships, as `hierarchy.grants` does it one person at a time.
INSERT INTO hierarchy_organizationgrant (membership_id, user_id, content_object_id, permission_id)
SELECT m.id, user_id, organization_id, p.id
FROM hierarchy_membership m JOIN auth_permission p ON p.codename = role || '_organization'
WHERE workspace_id IS NULL;
INSERT INTO hierarchy_workspacegrant (membership_id, user_id, content_object_id, permission_id)
SELECT m.id, user_id, workspace_id, p.id
FROM hierarchy_membership m JOIN auth_permission p ON p.codename = role || '_workspace'
WHERE workspace_id IS NOT NULL AND application_id IS NULL;
INSERT INTO hierarchy_applicationgrant (membership_id, user_id, content_object_id, permission_id)
SELECT m.id, user_id, application_id, p.id
FROM hierarchy_membership m JOIN auth_permission p ON p.codename = role || '_application'
WHERE application_id IS NOT NULL;

INSERT INTO hierarchy_identity (organization_id, person_id, name, email)
SELECT DISTINCT w.organization_id, 10 + n % (1000 * :s - 10), 'P' || n % (1000 * :s - 10), ''
FROM generate_series(1, 10000 * :s) n
JOIN hierarchy_workspace w ON w.id = 1 + (n::bigint * 7919) % (1000 * :s);
INSERT INTO hierarchy_auditevent (public_id, created_at, action, actor_id, actor_identity_id,
                                  acted_as, door, node_label, target_type, target_id,
                                  target_label, changes, request_id, organization_id,
                                  workspace_id, number)
SELECT gen_random_uuid(), now() - n * interval '1 second', 'workspace.edit', i.person_id, i.id,
       'member', 'console', 'Organization / Workspace', 'workspace', w.id, w.name,
       '{"name": ["Before", "After"]}', '', w.organization_id, w.id, n
FROM generate_series(1, 10000 * :s) n
JOIN hierarchy_workspace w ON w.id = 1 + (n::bigint * 7919) % (1000 * :s)
JOIN hierarchy_identity i ON i.organization_id = w.organization_id
     AND i.person_id = 10 + n % (1000 * :s - 10);

-- An organization of the peer that has them, with as many people as our page of members shows.
INSERT INTO organizations_organization (id, name, is_active, created, modified, slug)
VALUES (1, 'Organization', true, now(), now(), 'organization');
INSERT INTO organizations_organizationuser (organization_id, user_id, is_admin, created, modified)
SELECT 1, n, n = 2, now(), now() FROM generate_series(2, 51) n;

SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), 1000 * :s);
SELECT setval(pg_get_serial_sequence('hierarchy_organization', 'id'), 100 * :s);
SELECT setval(pg_get_serial_sequence('hierarchy_workspace', 'id'), 1000 * :s);
SELECT setval(pg_get_serial_sequence('hierarchy_application', 'id'), 3000 * :s);
UPDATE hierarchy_organization SET events = 10000 * :s;
"""
# The peer's rows: one for each permission that a role has on its own level.
PEER = """
INSERT INTO guardian_userobjectpermission (user_id, permission_id, content_type_id, object_pk)
SELECT m.user_id, p.permission_id, p.content_type_id,
       coalesce(m.application_id, m.workspace_id, m.organization_id)::text
FROM hierarchy_membership m
JOIN unnest(%s::text[], %s::text[], %s::int[], %s::int[])
     AS p (role, level, permission_id, content_type_id)
  ON p.role = m.role AND p.level = CASE WHEN m.application_id IS NOT NULL THEN 'application'
                                        WHEN m.workspace_id IS NOT NULL THEN 'workspace'
                                        ELSE 'organization' END
"""


GUEST = 1
OWNER = 2
SEVERAL = 3
HEAVY = 4
STAFF = 5
OWNER_OF_THREE = 6
BIG_ORGANIZATION = 1
ORGANIZATION_OF_THREE = 10


def build(size: int) -> None:
    """Fill the empty database of the default connection."""
    sql = STATEMENTS.replace(":s", str(size)).replace("{roles}", ROLES).replace("{since}", SINCE)
    with connection.cursor() as cursor:
        # Rows that were computed from each other need no proof that they fit: half the time.
        cursor.execute("SET session_replication_role = replica")
        for statement in sql.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        cursor.execute(PEER, [list(column) for column in zip(*_peer_permissions(), strict=True)])
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")
    if size == 1 and (drifts := grants.resync(check=True)):
        raise AssertionError(f"The grants are not what memberships imply: {drifts[:3]}")


def _peer_permissions():
    """Yield (role, level, permission, content type) of what the peer stores."""
    rows = DjangoPermission.objects.filter(content_type__app_label=APP_LABEL)
    known = {row.codename: row for row in rows}
    for role in Role:
        for level in Level:
            for permission in permissions_of(role, level):
                if permission.level is level:
                    row = known[permission.value]
                    yield role.value, level.value, row.pk, row.content_type_id
