"""Creating applications; what happens to them later is in `nodes`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from hierarchy import access, audit
from hierarchy.locking import lock, refusing_duplicates, validate
from hierarchy.models import Application, Workspace
from hierarchy.nodes.actions import slugs
from hierarchy.roles import Level, Permission

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def create(
    workspace: Workspace,
    *,
    by: User,
    name: str,
    slug: str,
    platform: str,
    environment: str,
    website: str = "",
    bundle_id: str = "",
) -> Application:
    """Create an application in one environment, which it keeps for good."""
    workspace = lock(workspace)
    access.require(by, Permission.ADD_APPLICATION, workspace)
    application = Application(
        organization=workspace.organization,
        workspace=workspace,
        name=name,
        slug=slug,
        platform=platform,
        environment=environment,
        website=website,
        bundle_id=bundle_id,
    )
    validate(application, "name", "slug", "platform", "environment", "website", "bundle_id")
    scope = slugs.Scope(Level.APPLICATION, workspace.organization, workspace, environment)
    application.slug = slugs.claim(application.slug, scope)
    taken = _("The environment %(environment)s already has an application named %(name)s.")
    labels = {"environment": application.get_environment_display(), "name": application.name}
    with refusing_duplicates(taken % labels, field="name"):
        application.save()
    audit.record("application.create", by=by, node=application)
    return application


@transaction.atomic
def create_channel(
    workspace: Workspace, *, by: User, environments: Iterable[str], **fields: str
) -> list[Application]:
    """Create the same application in several environments, all of them or none."""
    return [
        create(workspace, by=by, environment=environment, **fields) for environment in environments
    ]
