"""The staff's view of the hierarchy: one module for each noun, all through the same actions."""

from hierarchy.admin import (
    applications,
    audit_events,
    invitations,
    jobs,
    mails,
    memberships,
    organizations,
    ownership_recoveries,
    users,
    workspaces,
)

__all__ = [
    "applications",
    "audit_events",
    "invitations",
    "jobs",
    "mails",
    "memberships",
    "organizations",
    "ownership_recoveries",
    "users",
    "workspaces",
]
