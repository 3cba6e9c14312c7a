"""Random histories of two organizations, compared step by step with the reference in miniature."""

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from hierarchy.roles import Permission
from tests.hierarchy.test_roles import TABLE
from tests.properties.machine import Hierarchy, world
from tests.support.sampling import IS_THOROUGH

COMMON = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "print_blob": True,
}
PARTS = 20 if IS_THOROUGH else 2  # so that those who test at the same time share the work
PROFILE = settings(
    max_examples=10 if IS_THOROUGH else 6,  # of which the first is the simplest there is
    stateful_step_count=50,
    derandomize=not IS_THOROUGH,
    **COMMON,
)


@pytest.mark.parametrize("part", range(PARTS))
def test_history_of_two_organizations(db, name_server, part):
    assert set(TABLE) == set(Permission)
    beginning = world.build()

    def history():
        return Hierarchy(beginning, name_server)

    if not IS_THOROUGH:
        history = seed(part)(history)
    run_state_machine_as_test(history, settings=PROFILE)
