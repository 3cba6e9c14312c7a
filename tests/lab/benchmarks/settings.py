"""The product as it runs in production, and beside it the same work done by a peer."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.lab.benchmarks.peers.guardian_project"]
ROOT_URLCONF = "tests.lab.benchmarks.urls"
