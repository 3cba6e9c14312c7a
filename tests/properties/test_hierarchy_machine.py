"""Random histories of two organizations, compared step by step with the reference in miniature."""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from hierarchy.roles import Permission
from tests.hierarchy.test_roles import TABLE
from tests.properties.machine import Hierarchy, world

COMMON = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "print_blob": True,
}
PROFILES = {
    "ci": settings(max_examples=40, stateful_step_count=40, derandomize=True, **COMMON),
    "thorough": settings(max_examples=200, stateful_step_count=50, **COMMON),
}
PROFILE = PROFILES[os.environ.get("HYPOTHESIS_PROFILE", "ci")]


def test_history_of_two_organizations(db, name_server):
    assert set(TABLE) == set(Permission)
    beginning = world.build()
    run_state_machine_as_test(lambda: Hierarchy(beginning, name_server), settings=PROFILE)
