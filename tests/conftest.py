"""The cast, and the little tree that they live in."""

from __future__ import annotations

import gc
from types import SimpleNamespace

import jinja2
import pytest
from django.db import connection, transaction
from django.template import Template
from django.test import TransactionTestCase
from django.test.signals import template_rendered

from hierarchy.roles import Role
from tests.factories import (
    ApplicationFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.support import url_world
from tests.support.loaded import Browser
from tests.support.name_server import NameServer
from tests.support.planted import planted

SILENTLY = Template._render  # before Django lets its tests know of it
DRAW = jinja2.Template.render


def pytest_sessionstart(session):
    """Collect garbage rarely: what Django and the tests are made of stays anyway."""
    gc.freeze()
    gc.set_threshold(400_000, 50, 100)


@pytest.fixture(autouse=True, scope="session")
def _empty_after_commits():
    """Let tests that commit be followed by an empty database: nothing else may do that.

    Whoever owns the tables can lift their triggers, and does so for this one transaction. Rows are
    deleted, because it takes far longer to truncate tables that are all but empty; and what stands
    for the models stays, because it takes as long to write it again.
    """
    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda _test: _empty()
    yield
    TransactionTestCase._fixture_teardown = flush


def _empty():
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    emptied = set(tables) - {"django_content_type", "auth_permission"}
    deletions = "; ".join(f'DELETE FROM "{table}"' for table in sorted(emptied))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL session_replication_role = replica; {deletions}")


@pytest.fixture(autouse=True, scope="session")
def _note_whole_pages_only(django_test_environment):
    """Let `response.context` hold what a page is given, and not also what each part of it is.

    There are hundreds of parts, and noting them takes a good deal of the time of a page.
    """
    noting = Template._render

    def render(template, context):
        return (noting if context.template is template else SILENTLY)(template, context)

    Template._render = render
    jinja2.Template.render = _noting_render
    yield
    Template._render = noting
    jinja2.Template.render = DRAW


def _noting_render(template, context=()):
    """Let the tests know of a page in Jinja2, as Django does of its own; fields are parts of it."""
    if not (template.name or "").startswith(("forms/", "django/")):
        template_rendered.send(sender=template, template=template, context=dict(context))
    return DRAW(template, context)


@pytest.fixture
def client():
    """A browser that sends forms as their pages have been loaded this very moment."""
    return Browser()


def _tree():
    acme = OrganizationFactory(name="Acme", slug="acme")
    shop = WorkspaceFactory(organization=acme, name="Shop", slug="shop")
    press = WorkspaceFactory(organization=acme, name="Press", slug="press")
    web = {"workspace": shop, "name": "Web", "slug": "web"}
    development = ApplicationFactory(**web, environment="development")
    production = ApplicationFactory(**web, environment="production")
    MembershipFactory(user__email="first@example.com", node=acme, role=Role.OWNER)
    return SimpleNamespace(
        acme=acme, shop=shop, press=press, development=development, production=production
    )


@pytest.fixture
def tree(db):
    """Acme has the workspaces Shop and Press; Shop has Web in development and in production."""
    return planted("tree", _tree)


@pytest.fixture
def world(db, settings, tmp_path):
    """What the matrix of addresses is asked about: for many requests, each of them rolled back."""
    settings.MEDIA_ROOT = tmp_path
    return url_world.build()


def _person(name, node=None, role=None, **fields):
    def build():
        user = UserFactory(email=f"{name}@example.com", first_name=name.title(), **fields)
        if node is not None:
            MembershipFactory(user=user, node=node, role=role)
        return user

    return planted(name, build, beside=node and node.pk)


@pytest.fixture
def owner(tree):
    return _person("owner", tree.acme, Role.OWNER)


@pytest.fixture
def manager(tree):
    return _person("manager", tree.acme, Role.MANAGER)


@pytest.fixture
def maintainer(tree):
    return _person("maintainer", tree.acme, Role.MAINTAINER)


@pytest.fixture
def viewer(tree):
    return _person("viewer", tree.acme, Role.VIEWER)


@pytest.fixture
def guest(tree):
    """Maintainer of the workspace Shop, and nothing of the organization."""
    return _person("guest", tree.shop, Role.MAINTAINER)


@pytest.fixture
def outsider(db):
    return _person("outsider")


@pytest.fixture
def staff(db):
    return _person("staff", is_staff=True, is_superuser=True)


@pytest.fixture
def empty_queue(transactional_db):
    """Empty the queue of jobs before and after a test whose jobs are real.

    Django doesn't clear its tables, so other tests leave theirs in it.
    """
    _empty_queue()
    yield
    _empty_queue()


def _empty_queue():
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_events; DELETE FROM procrastinate_periodic_defers;"
            " DELETE FROM procrastinate_jobs; DELETE FROM procrastinate_workers"
        )


@pytest.fixture
def name_server(settings):
    """A DNS server of the test's own, which is asked instead of the machine's."""
    server = NameServer()
    settings.DNS_RESOLVERS = [server.address]
    settings.DNS_TIMEOUT_SECONDS = 0.4
    yield server
    server.close()
