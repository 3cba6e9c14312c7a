"""The worlds, built once and used by every decision of their actor."""

import pytest
from django.db import transaction

from tests.properties.decisions.world import EVERYBODY, World
from tests.support.sampling import Sample


@pytest.fixture(scope="package")
def worlds(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield {actor: World(actor) for actor in EVERYBODY}
        transaction.set_rollback(True)


@pytest.fixture
def world(worlds, db, actor, request):
    """The world of the actor: whatever is decided in it must be as the reference says."""
    world = worlds[actor]
    world.wrong = []
    world.judged = 0
    world.offered = 0
    world.is_chosen = False
    world.sample = Sample(request.node.name)
    with world.aside():
        yield world
    assert world.offered + world.judged
    assert world.wrong == []
