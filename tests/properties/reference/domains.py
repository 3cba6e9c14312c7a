"""E-mail domains of organizations in miniature. Everybody's address is of EVERYBODYS."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hierarchy.roles import Role
from tests.properties.reference.joining import Joining

GRACE = timedelta(days=7)
EVERYBODYS = "example.com"


@dataclass
class Domain:
    organization: str
    name: str
    role: Role | str = Role.VIEWER
    mode: str = "off"
    is_verified: bool = False
    is_published: bool = False  # what proves it stands in the DNS
    failing_since: datetime | None = None


class Domains(Joining):
    def __init__(self, now):
        super().__init__(now)
        self.listed: dict[int, Domain] = {}

    def forget(self, gone):
        rows = self.listed.items()
        self.listed = {pk: row for pk, row in rows if row.organization not in gone}
        super().forget(gone)

    def open_doors(self):
        """Say anew whom the domains let in, after one has changed."""
        rows = [r for r in self.listed.values() if r.is_verified and r.name == EVERYBODYS]
        self.domains = {r.organization: r.role for r in rows if r.mode == "automatic"}
        self.asked_by_address = {r.organization for r in rows if r.mode == "request"}

    def is_as_owner(self, by, organization):
        """Whether the person holds all that an owner does, where things can be changed."""
        if organization not in self.nodes or not self.is_open(organization):
            return False
        return self.owns(by, organization)

    def may_list(self, by, organization, name):
        taken = {(row.organization, row.name) for row in self.listed.values()}
        return self.is_as_owner(by, organization) and (organization, name) not in taken

    def may_unlist(self, by, pk):
        return pk in self.listed and self.is_as_owner(by, self.listed[pk].organization)

    def may_edit_domain(self, by, pk, role):
        if not self.may_unlist(by, pk):
            return False
        organization = self.listed[pk].organization
        if self.grants(Role.OWNER, organization) <= self.grants(role, organization):
            return False  # owners are made one by one, whatever their role is called
        is_fit = self.suits(role, organization)
        return is_fit and self.grants(role, organization) <= self.rights(by, organization)

    def may_verify(self, by, pk):
        """Whether it is proved, and no other organization holds it."""
        if not self.may_unlist(by, pk) or not self.listed[pk].is_published:
            return False
        rows = self.listed.items()
        same = [row for k, row in rows if k != pk and row.name == self.listed[pk].name]
        return not any(row.is_verified for row in same)

    def may_join_by(self, by, pk):
        row = self.listed.get(pk)
        is_way = row is not None and row.is_verified and row.name == EVERYBODYS
        return is_way and row.mode == "automatic" and self.may_join(by, row.organization)

    def recheck(self):
        """Ask the DNS about what is verified; return how many have been lost."""
        lost = 0
        for row in self.listed.values():
            if not row.is_verified or self.nodes[row.organization].deleted_at:
                continue
            row.failing_since = None if row.is_published else row.failing_since or self.now
            if row.failing_since and self.now - row.failing_since >= GRACE:
                row.is_verified = False
                lost = lost + 1
        self.open_doors()
        self.events += lost
        return lost

    # --- Custom roles that a domain gives

    def domains_giving(self, role):
        return [row for row in self.listed.values() if row.role == role]
