"""Only what makes the tests fast, and what only the checks need."""

import os

from config.settings import *  # noqa: F403
from config.settings import DATABASES, INSTALLED_APPS, STORAGES, TEMPLATES

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
TEMPLATES[0]["OPTIONS"]["strict"] = True  # type: ignore[index]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES["default"]["CONN_MAX_AGE"] = 0  # or threads would keep the test database in use
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False  # a question more at the beginning of each test
if template := os.environ.get("TEST_TEMPLATE"):  # in which all migrations have been done
    DATABASES["default"]["TEST"] = {"TEMPLATE": template, "MIGRATE": False}
STATIC_ROOT = None  # type: ignore[assignment]  # nothing is collected: files come from where they lie
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # or each test's client would begin by reading all of them
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
