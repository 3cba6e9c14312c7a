"""What a migration does to blocks that are there."""

from importlib import import_module

from django.apps import apps

from hierarchy.models import BlockedPerson
from tests.factories import BlockedPersonFactory


def test_remember_the_addresses_of_people_who_are_blocked_already(tree, outsider):
    blocked = BlockedPersonFactory(organization=tree.acme, user=outsider)
    migration = import_module("hierarchy.migrations.0021_remember_addresses_of_blocked_people")

    migration.remember(apps, None)

    blocked.refresh_from_db()
    hashes = blocked.address_hashes
    blocked.remember_addresses()
    assert hashes == blocked.address_hashes != []
    assert BlockedPerson.objects.about(outsider).get() == blocked
