"""The staff's view of the hierarchy: one module for each noun, all through the same actions."""

from hierarchy.admin import (
    access_requests,
    access_reviews,
    applications,
    audit_events,
    custom_roles,
    email_domains,
    invitations,
    jobs,
    mails,
    memberships,
    organizations,
    ownership_offers,
    ownership_recoveries,
    transfers,
    users,
    workspaces,
)

__all__ = [
    "access_requests",
    "access_reviews",
    "applications",
    "audit_events",
    "custom_roles",
    "email_domains",
    "invitations",
    "jobs",
    "mails",
    "memberships",
    "organizations",
    "ownership_offers",
    "ownership_recoveries",
    "transfers",
    "users",
    "workspaces",
]
