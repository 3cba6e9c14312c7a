"""The worlds, built once and used by every decision of their actor."""

import pytest
from django.db import transaction

from tests.properties.decisions.world import EVERYBODY, World


@pytest.fixture(scope="package")
def worlds(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield {actor: World(actor) for actor in EVERYBODY}
        transaction.set_rollback(True)


@pytest.fixture
def world(worlds, db, actor):
    """The world of the actor: whatever is decided in it must be as the reference says."""
    world = worlds[actor]
    world.wrong, world.judged, world.offered = [], 0, -1
    with world.aside():
        yield world
    assert world.judged
    assert world.wrong == []
