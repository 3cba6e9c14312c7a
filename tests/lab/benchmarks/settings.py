"""The product as it runs in production, and beside it the same work done by a peer."""

from django.contrib import admin

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS, TEMPLATES

INSTALLED_APPS = [
    *INSTALLED_APPS,
    "tests.lab.benchmarks.peers.guardian_project",
    "organizations",  # django-organizations, as it comes
]
TEMPLATES = [
    *TEMPLATES,
    {  # Django's own admin, whose templates Unfold's would otherwise stand before
        "NAME": "plain_admin",
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [f"{admin.__path__[0]}/templates"],
        "OPTIONS": {"context_processors": TEMPLATES[1]["OPTIONS"]["context_processors"]},
    },
]
ROOT_URLCONF = "tests.lab.benchmarks.urls"
