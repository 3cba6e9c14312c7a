"""Creating workspaces; what happens to them later is in `nodes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from hierarchy import access, audit
from hierarchy.locking import lock, refusing_duplicates, validate
from hierarchy.models import Organization, SettingValue, Workspace
from hierarchy.models.path import path_of
from hierarchy.nodes.actions import slugs
from hierarchy.roles import Level, Permission
from hierarchy.settings.actions.settings import clean, refuse_locked

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def create(
    organization: Organization,
    *,
    by: User,
    name: str,
    slug: str,
    website: str = "",
    time_zone: str = "",
    default_locale: str = "",
) -> Workspace:
    """Create a workspace. Time zone and locale become its settings; "" inherits them.

    Either may be locked by the organization: then it can only be inherited.
    """
    organization = lock(organization)
    access.require(by, Permission.ADD_WORKSPACE, organization)
    workspace = Workspace(organization=organization, name=name, slug=slug, website=website)
    validate(workspace, "name", "slug", "website")
    scope = slugs.Scope(Level.WORKSPACE, organization)
    workspace.slug = slugs.claim(workspace.slug, scope)
    with refusing_duplicates(_("That slug is already taken."), field="slug"):
        workspace.save()
    preferences = {"time_zone": time_zone, "default_locale": default_locale}
    wished = {key: value for key, value in preferences.items() if value}
    refuse_locked(workspace, wished)
    for key, value in wished.items():
        SettingValue.objects.create(
            **path_of(workspace), key=key, value=clean(key, value), updated_by=by
        )
    audit.record("workspace.create", by=by, node=workspace)
    return workspace
