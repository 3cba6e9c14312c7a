"""What a migration does to custom roles that are there."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from hierarchy.roles import (Permission, completed)
from tests.factories import CustomRoleFactory, OrganizationFactory


@pytest.mark.parametrize("batch", [1000, 1])
def test_roles_that_show_applications_show_their_workspaces_too(db, monkeypatch, batch):
    migration = import_module("hierarchy.migrations.0019_show_workspaces_to_custom_roles")
    monkeypatch.setattr(migration, "BATCH", batch)
    acme = OrganizationFactory()
    stored = {
        "view_application": "view_workspace view_application",
        "view_organization add_workspace view_application change_application": (
            "view_organization add_workspace view_workspace view_application change_application"
        ),
        "view_workspace view_application": "view_workspace view_application",
        "view_organization": "view_organization",
    }
    roles = {
        text: CustomRoleFactory(organization=acme, permissions=text.split()) for text in stored
    }
    gone = CustomRoleFactory(permissions=["view_application"], deleted_at=timezone.now())

    for _run in range(2):  # again changes nothing more
        migration.show_workspaces(None, SimpleNamespace(connection=connection))

    for text, expected in stored.items():
        roles[text].refresh_from_db()
        assert roles[text].permissions == expected.split()
        as_saved = completed(map(Permission, text.split()))
        assert set(roles[text].permissions) == {permission.value for permission in as_saved}
    gone.refresh_from_db()
    assert gone.permissions == ["view_application"]
