"""A platform of a given size, written by SQL alone: the whole tree and its people.

Size 100 is 10,000 organizations, 100,000 workspaces (one organization has 5,000 of them and 5,000
members), 300,000 applications and 350,000 memberships; size 1 is a hundredth of that. Some people
are placed by hand, under the same addresses at every size.
"""

from __future__ import annotations

from django.db import connection

from hierarchy import grants

ROLES = "(ARRAY['owner', 'manager', 'maintainer', 'viewer'])[1 + n % 4]"

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
SELECT (w.id - 1) * 3 + e.n, gen_random_uuid(), 'Application ' || md5(w.id::text), 'a', now(), 1,
       w.organization_id, w.id, 'web', e.name, '', ''
FROM hierarchy_workspace w,
     (VALUES (1, 'production'), (2, 'staging'), (3, 'development')) AS e (n, name);

-- Members of the big organization, and one or two of every other one.
INSERT INTO hierarchy_membership (user_id, organization_id, role, status, created_at)
SELECT 10 + n % (1000 * :s - 10), 1, {roles}, 'active', now() - n * interval '1 minute'
FROM generate_series(1, 50 * :s) n
ON CONFLICT DO NOTHING;
INSERT INTO hierarchy_membership (user_id, organization_id, role, status, created_at)
SELECT 10 + (n::bigint * 7919) % (1000 * :s - 10), 2 + n % (100 * :s - 2), {roles}, 'active', now()
FROM generate_series(1, 500 * :s) n
ON CONFLICT DO NOTHING;

-- Members of workspaces alone, and of a few applications.
INSERT INTO hierarchy_membership (user_id, organization_id, workspace_id, role, status,
                                  created_at)
SELECT 10 + (n::bigint * 104729) % (1000 * :s - 10), w.organization_id, w.id, {roles},
       'active', now()
FROM generate_series(1, 2900 * :s) n
JOIN hierarchy_workspace w ON w.id = 1 + (n::bigint * 31) % (1000 * :s)
ON CONFLICT DO NOTHING;
INSERT INTO hierarchy_membership (user_id, organization_id, workspace_id, application_id, role,
                                  status, created_at)
SELECT 10 + (n::bigint * 15485863) % (1000 * :s - 10), a.organization_id, a.workspace_id, a.id,
       {roles}, 'active', now()
FROM generate_series(1, 50 * :s) n
JOIN hierarchy_application a ON a.id = 1 + (n::bigint * 97) % (3000 * :s)
ON CONFLICT DO NOTHING;

-- 1: a guest of three workspaces · 2: owner of the big organization · 3: in several organizations
-- and workspaces · 4: a person with 20 × size workspaces of their own · 5: staff
DELETE FROM hierarchy_membership WHERE user_id <= 5;
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
UPDATE accounts_user SET is_staff = true, is_superuser = true WHERE id = 5;
"""

GUEST, OWNER, SEVERAL, HEAVY, STAFF = 1, 2, 3, 4, 5


def build(size: int) -> None:
    """Fill the empty database of the default connection."""
    with connection.cursor() as cursor:
        sql = STATEMENTS.replace(":s", str(size)).replace("{roles}", ROLES)
        for statement in sql.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
    grants.resync()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
