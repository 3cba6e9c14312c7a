"""Creating organizations; what happens to them later is in `nodes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from hierarchy import audit
from hierarchy.locking import refusing_duplicates, validate
from hierarchy.members.actions import memberships
from hierarchy.models import Kind, Organization, WayIn
from hierarchy.nodes.actions import slugs
from hierarchy.roles import Level, Role

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def create(
    *,
    by: User,
    name: str,
    slug: str,
    kind: str = Kind.BUSINESS,
    email: str = "",
    website: str = "",
) -> Organization:
    """Create an organization with `by` as its first owner."""
    organization = Organization(name=name, slug=slug, kind=kind, email=email, website=website)
    validate(organization, "name", "slug", "kind", "email", "website")
    organization.slug = slugs.claim(organization.slug, slugs.Scope(Level.ORGANIZATION))
    with refusing_duplicates(_("That slug is already taken."), field="slug"):
        organization.save()
    memberships.establish(by, organization, Role.OWNER, WayIn.FOUNDER)
    audit.record("organization.create", by=by, node=organization)
    return organization
