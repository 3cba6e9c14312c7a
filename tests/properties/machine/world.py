"""The world in which every history begins: two organizations, and the same in miniature.

It is made once, and each history undoes what it does with it.
"""

from datetime import UTC, datetime
from types import SimpleNamespace

import time_machine

from hierarchy.roles import Role
from tests.factories import (
    ApplicationFactory,
    CustomRoleFactory,
    EmailDomainFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.properties.reference import STAFF, Custom, Member, Node, Reference
from tests.properties.reference.domains import EVERYBODYS, Domain

BEGINNING = datetime(2026, 1, 5, tzinfo=UTC)
PEOPLE = ["ann", "bob", "cat", "dan", "eve", "fay"]
TREE = {  # name: (level, parent)
    "acme": ("organization", None),
    "shop": ("workspace", "acme"),
    "press": ("workspace", "acme"),
    "web": ("application", "shop"),
    "live": ("application", "shop"),
    "blog": ("application", "press"),
    "globex": ("organization", None),
    "labs": ("workspace", "globex"),
    "site": ("application", "labs"),
}
CAST = [
    ("ann", "acme", Role.OWNER),
    ("bob", "acme", Role.MANAGER),
    ("cat", "shop", Role.OWNER),
    ("cat", "acme", Role.VIEWER),
    ("dan", "shop", Role.MAINTAINER),
    ("dan", "live", Role.OWNER),
    ("eve", "globex", Role.OWNER),
    ("bob", "globex", Role.OWNER),
    ("fay", "labs", Role.MANAGER),
]

ASKABLE = "acme"  # whom anybody may ask to be let in
JOINABLE = "globex"  # whose domain everybody's address is of


# Custom roles, by name: their organization, and what they are composed of.
ROLES = {
    "builder": ("acme", {"view_workspace", "add_application", "view_application"}),
    "steward": (
        "acme",
        {"view_organization", "view_workspace", "view_workspace_member", "change_workspace_member"},
    ),
    "composer": ("acme", {"view_organization", "manage_custom_roles", "view_workspace"}),
    "helper": ("globex", {"view_organization", "view_workspace", "view_application"}),
}


@time_machine.travel(BEGINNING, tick=False)
def build():
    """Return the rows by name, or by id, and the reference that knows them by the same."""
    reference = Reference(BEGINNING)
    users = {name: UserFactory(email=f"{name}@example.com") for name in PEOPLE}
    users[STAFF] = UserFactory(is_staff=True, is_superuser=True)
    real = {}
    real_roles = {}
    member_rows = {}
    for name, (level, parent) in TREE.items():
        is_production = name in ("live", "site")
        real[name] = _plant(name, level, real.get(parent), is_production)
        environment = getattr(real[name], "environment", "")
        reference.nodes[name] = Node(level, parent, is_production, name, environment)
    for name, (organization, permissions) in ROLES.items():
        reference.roles[name] = Custom(organization, set(permissions))
        real_roles[name] = CustomRoleFactory(
            organization=real[organization], name=name, permissions=sorted(permissions)
        )
    reference.open_to_all.add(ASKABLE)
    domain = EmailDomainFactory(node=real[JOINABLE], domain=EVERYBODYS)
    reference.listed[domain.pk] = Domain(
        JOINABLE, EVERYBODYS, domain.role, "automatic", is_verified=True, is_published=True
    )
    reference.open_doors()
    for user, node, role in CAST:
        row = MembershipFactory(user=users[user], node=real[node], role=role)
        member_rows[row.pk] = row
        reference.members[row.pk] = Member(user, node, role)
    return SimpleNamespace(
        reference=reference,
        users=users,
        real=real,
        real_roles=real_roles,
        member_rows=member_rows,
        domain_rows={domain.pk: domain},
    )


def _plant(name, level, parent, is_production):
    names = {"name": f"Node {name}", "slug": name}
    if level == "organization":
        return OrganizationFactory(**names, may_ask_to_join=name == ASKABLE)
    if level == "workspace":
        return WorkspaceFactory(**names, organization=parent)
    environment = "production" if is_production else "development"
    return ApplicationFactory(**names, workspace=parent, environment=environment)
