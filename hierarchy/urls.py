"""The console's addresses, grouped by noun. One name serves all levels: see `at_every_level`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

app_name = "console"

ORGANIZATION = "o/<slug:organization>/"
WORKSPACE = f"{ORGANIZATION}w/<slug:workspace>/"
APPLICATION = f"{WORKSPACE}a/<slug:application>/<slug:environment>/"


def at_every_level(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return the same page under an organization, a workspace and an application.

    `reverse` picks the address by the slugs it is given (`navigation.node_url`).
    """
    return [path(node + route, view, name=name) for node in (ORGANIZATION, WORKSPACE, APPLICATION)]


urlpatterns: list[URLPattern] = []
