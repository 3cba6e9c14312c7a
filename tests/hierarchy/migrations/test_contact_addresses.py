"""What a migration does to the addresses of organizations that are there."""

from importlib import import_module

import pytest
from django.apps import apps

from hierarchy.models import Organization


@pytest.mark.parametrize(
    ("stored", "kept"),
    [
        ("Hello@Straße.de", "hello@xn--strae-oqa.de"),
        ("hello@example.com", "hello@example.com"),
        ("not an address", "not an address"),
        ("", ""),
    ],
)
def test_write_contact_addresses_as_others_are(tree, stored, kept):
    Organization.objects.filter(pk=tree.acme.pk).update(email=stored)
    migration = import_module("hierarchy.migrations.0032_write_contact_addresses_in_ascii")

    for _time in range(2):
        migration.write_in_ascii(apps, None)

    tree.acme.refresh_from_db()
    assert tree.acme.email == kept
