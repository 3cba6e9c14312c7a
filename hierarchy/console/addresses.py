"""Beginnings of the addresses of pages, which name nodes by their slugs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

ORGANIZATION = "o/<slug:organization>/"
WORKSPACE = f"{ORGANIZATION}w/<slug:workspace>/"
APPLICATION = f"{WORKSPACE}a/<slug:application>/<slug:environment>/"


def at_every_level(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return the same page under an organization, a workspace and an application.

    `reverse` picks the address by the slugs it is given (`navigation.node_url`).
    """
    return [path(ORGANIZATION + route, view, name=name), *below_an_organization(route, view, name)]


def below_an_organization(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return the same page under a workspace and an application."""
    return [path(node + route, view, name=name) for node in (WORKSPACE, APPLICATION)]


def above_applications(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return the same page under an organization and a workspace."""
    return [path(node + route, view, name=name) for node in (ORGANIZATION, WORKSPACE)]
