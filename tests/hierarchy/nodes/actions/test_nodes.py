from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from hierarchy import access, grants, visible
from hierarchy.console import lookup
from hierarchy.models import (
    Application,
    AuditEvent,
    FormerSlug,
    Invitation,
    Membership,
    Organization,
    PurgeReceipt,
    ReviewState,
    SettingValue,
    Workspace,
)
from hierarchy.refusals import NotAllowed, Stale
from hierarchy.roles import VIEW, Permission, Role
from tests.factories import (
    ApplicationFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    SettingValueFactory,
    TrustedOriginFactory,
    WorkspaceFactory,
)
from tests.support.acting import access_reviews, memberships, nodes
from tests.support.refusals import refused

EVERY_NODE = pytest.mark.parametrize("name", ["acme", "shop", "production"])
TRASH = timedelta(days=settings.TRASH_DAYS)


@EVERY_NODE
def test_edit_changes_what_is_named_and_records_both_values(tree, owner, name):
    node = getattr(tree, name)
    before = node.name

    shown = str(nodes.shown_to_edit(node))

    edited = nodes.edit(node, by=owner, version=shown, name="  New   name ")

    assert (edited.name, edited.slug) == ("New name", node.slug)
    event = AuditEvent.objects.get()
    assert event.action == f"{node.level}.edit"
    assert event.changes == {"name": [before, "New name"]}


@EVERY_NODE
def test_edit_without_a_difference_is_no_event(tree, owner, name, recorded):
    node = getattr(tree, name)

    edited = nodes.edit(node, by=owner, name=node.name, slug=node.slug.upper())

    assert (edited.name, recorded()) == (node.name, [])


@EVERY_NODE
def test_edit_of_a_stale_form_saves_nothing(tree, owner, name):
    node = getattr(tree, name)
    read = str(nodes.shown_to_edit(node))
    former = node.name
    nodes.edit(node, by=owner, version=read, name="First")

    with pytest.raises(Stale) as stale:
        nodes.edit(node, by=owner, version=read, name="Second")

    node.refresh_from_db()
    assert node.name == "First"
    assert stale.value.versions == {"name": ("Name", former, "First")}


@pytest.mark.parametrize(
    ("name", "actor", "may"),
    [
        ("acme", "manager", True),
        ("acme", "maintainer", False),
        ("shop", "manager", True),
        ("shop", "guest", False),
        ("production", "manager", True),
        ("production", "guest", False),
        ("production", "outsider", False),
    ],
)
def test_edit_takes_the_permission_of_the_level(tree, name, actor, may, request):
    node = getattr(tree, name)
    by = request.getfixturevalue(actor)

    if may:
        assert nodes.edit(node, by=by, name="New name").name == "New name"
    else:
        with refused("not_allowed"):
            nodes.edit(node, by=by, name="New name")


@EVERY_NODE
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x"),
        ("name", "x" * 61),
        ("name", "a\u202eb"),
        ("slug", "admin"),
        ("slug", "-a"),
        ("slug", "ä" * 3),
        ("website", "javascript:alert(1)"),
        ("website", "ftp://example.com"),
    ],
)
def test_edit_refuses_what_is_invalid(tree, owner, name, field, value):
    node = getattr(tree, name)

    with refused("slug" if (field, value) == ("slug", "taken") else "invalid", field):
        nodes.edit(node, by=owner, **{field: value})


def test_edit_refuses_fields_that_are_not_editable(tree, owner):
    for field in ("environment", "workspace", "public_id", "deleted_at", "id"):
        with pytest.raises(ValueError, match="not editable"):
            nodes.edit(tree.production, by=owner, **{field: None})


def test_edit_refuses_a_slug_that_is_taken(tree, owner):
    ApplicationFactory(workspace=tree.shop, slug="taken", environment="production")
    OrganizationFactory(slug="taken")

    for node, slug in ((tree.shop, "press"), (tree.acme, "taken"), (tree.production, "taken")):
        with refused("slug", "slug"):
            nodes.edit(node, by=owner, slug=slug)


def test_edit_refuses_the_name_of_another_application_of_the_environment(tree, owner):
    ApplicationFactory(workspace=tree.shop, name="Taken", environment="production")

    with refused("duplicate", "name"):
        nodes.edit(tree.production, by=owner, name="TAKEN")
    assert nodes.edit(tree.development, by=owner, name="TAKEN").name == "TAKEN"


def test_edit_keeps_the_former_slug_for_the_node(tree, owner):
    nodes.edit(tree.shop, by=owner, slug="store")

    with pytest.raises(lookup.Moved) as moved:
        lookup.get_node(owner, {"organization": "acme", "workspace": "shop"}, to=VIEW)
    assert moved.value.node.slug == "store"
    with refused("slug", "slug"):
        nodes.edit(tree.press, by=owner, slug="shop")
    assert nodes.edit(tree.shop, by=owner, slug="shop").slug == "shop"
    assert list(FormerSlug.objects.values_list("slug", flat=True)) == ["store"]


def test_edit_gives_a_former_slug_to_others_after_ninety_days(tree, owner):
    nodes.edit(tree.shop, by=owner, slug="store")

    with time_machine.travel(timezone.now() + timedelta(days=90, seconds=1)):
        assert nodes.edit(tree.press, by=owner, slug="shop").slug == "shop"


def test_edit_replaces_and_removes_a_logo(tree, owner, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with_logo = nodes.edit(tree.acme, by=owner, logo=ContentFile(b"one", name="logo.webp"))
    assert with_logo.logo.read() == b"one"

    without = nodes.edit(with_logo, by=owner, logo="")

    assert not without.logo
    assert [event.changes.keys() for event in AuditEvent.objects.all()] == [{"logo"}, {"logo"}]


def test_edit_leaves_no_file_when_it_is_refused(tree, owner, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    logo = ContentFile(b"one", name="logo.webp")

    with refused("slug", "slug"):
        nodes.edit(tree.shop, by=owner, logo=logo, slug="press")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@EVERY_NODE
def test_suspend_stops_every_change_but_resuming(tree, owner, name, recorded):
    node = nodes.suspend(getattr(tree, name), by=owner)

    for change in (nodes.suspend, nodes.delete, lambda n, by: nodes.edit(n, by=by, name="New")):
        with refused("suspended"):
            change(node, by=owner)
    assert access.can(owner, Permission.VIEW_ORGANIZATION, tree.acme)
    assert nodes.resume(node, by=owner).suspended_at is None
    assert recorded() == [f"{node.level}.suspend", f"{node.level}.resume"]


def test_suspend_stops_what_is_beneath(tree, owner):
    nodes.suspend(tree.acme, by=owner)

    for node in (tree.shop, tree.production):
        with refused("suspended"):
            nodes.edit(node, by=owner, name="New name")


@EVERY_NODE
@pytest.mark.parametrize("verb", ["suspend", "delete"])
def test_suspend_and_delete_are_not_for_managers(tree, manager, name, verb):
    with refused("not_allowed"):
        getattr(nodes, verb)(getattr(tree, name), by=manager)


def test_resume_is_not_for_managers(tree, owner, manager):
    nodes.suspend(tree.shop, by=owner)

    with refused("not_allowed"):
        nodes.resume(tree.shop, by=manager)


@EVERY_NODE
def test_resume_refuses_what_is_not_suspended(tree, owner, name):
    with refused("not_suspended"):
        nodes.resume(getattr(tree, name), by=owner)


def test_resume_leaves_what_is_suspended_above(tree, owner):
    nodes.suspend(tree.shop, by=owner)
    nodes.suspend(tree.acme, by=owner)

    resumed = nodes.resume(tree.shop, by=owner)

    assert resumed.suspended_by == tree.acme


@EVERY_NODE
def test_delete_hides_and_restore_brings_back(tree, owner, name, recorded):
    node = getattr(tree, name)
    before = list(visible.applications_for(owner))

    deleted = nodes.delete(node, by=owner)

    access.forget(owner)
    assert not access.can(owner, VIEW[node.level], type(node).objects.get(pk=node.pk))
    assert list(visible.restorable_for(owner, node.level)) == [node]
    assert deleted.deleted_by == owner
    restored = nodes.restore(deleted, by=owner)
    assert (restored.deleted_at, restored.deleted_by) == (None, None)
    assert list(visible.applications_for(owner)) == before
    assert recorded() == [f"{node.level}.delete", f"{node.level}.restore"]


def test_delete_hides_what_is_beneath(tree, owner, guest):
    nodes.delete(tree.acme, by=owner)

    for person in (owner, guest):
        access.forget(person)
        assert not visible.workspaces_for(person).exists()
        assert not visible.applications_for(person).exists()


def test_delete_refuses_what_is_deleted(tree, owner):
    nodes.delete(tree.shop, by=owner)

    with refused("gone"):
        nodes.delete(tree.shop, by=owner)
    with refused("gone"):
        nodes.edit(tree.production, by=owner, name="New name")


def test_restore_refuses_what_is_not_deleted(tree, owner):
    with refused("not_deleted"):
        nodes.restore(tree.shop, by=owner)


@pytest.mark.parametrize("actor", ["manager", "guest", "outsider"])
def test_restore_is_for_who_could_delete(tree, owner, actor, request):
    by = request.getfixturevalue(actor)
    nodes.delete(tree.shop, by=owner)

    with refused("not_allowed"):
        nodes.restore(tree.shop, by=by)


def test_restore_asks_what_one_holds_now(tree, owner):
    second = MembershipFactory(node=tree.acme, role=Role.OWNER)
    nodes.delete(tree.shop, by=owner)
    assert access.may_restore(second.user, tree.shop)
    access.grant_map(second.user)
    demoted = Membership.objects.get(pk=second.pk)
    memberships.change_role(demoted, Role.MANAGER, by=owner)

    with pytest.raises(NotAllowed):
        nodes.restore(tree.shop, by=second.user)


def test_restore_refuses_beneath_what_is_deleted(tree, owner):
    nodes.delete(tree.production, by=owner)
    nodes.delete(tree.shop, by=owner)

    with refused("parent_deleted"):
        nodes.restore(tree.production, by=owner)


def test_restore_refuses_beneath_what_is_suspended(tree, owner):
    nodes.delete(tree.shop, by=owner)
    nodes.suspend(tree.acme, by=owner)

    with refused("suspended"):
        nodes.restore(tree.shop, by=owner)


def test_restore_refuses_a_name_that_was_given_away(tree, owner):
    nodes.delete(tree.production, by=owner)
    ApplicationFactory(workspace=tree.shop, name="web", environment="production")

    with refused("duplicate"):
        nodes.restore(tree.production, by=owner)


@pytest.mark.parametrize(("seconds", "possible"), [(-1, True), (0, False)])
def test_restore_until_the_last_second(tree, owner, seconds, possible):
    deleted = nodes.delete(tree.shop, by=owner)

    with time_machine.travel(deleted.deleted_at + TRASH + timedelta(seconds=seconds), tick=False):
        assert visible.restorable_for(owner, tree.shop.level).exists() is possible
        if possible:
            assert nodes.purge_expired() == 0
            assert nodes.restore(deleted, by=owner).deleted_at is None
        else:
            with refused("too_late"):
                nodes.restore(deleted, by=owner)
            assert nodes.purge_expired() == 1


@pytest.fixture
def furnished(tree, owner, viewer):
    """The tree with one row of every kind on every node."""
    for node in (tree.acme, tree.shop, tree.production):
        MembershipFactory(node=node)
        InvitationFactory(node=node, invited_by=owner)
        SettingValueFactory(node=node, key="time_zone", value="UTC")
    TrustedOriginFactory(node=tree.production)
    return tree


def test_purge_leaves_nothing_of_the_node(furnished, owner):
    nodes.delete(furnished.acme, by=owner)

    with time_machine.travel(timezone.now() + TRASH):
        assert nodes.purge_expired() == 1

    for model in (Organization, Workspace, Application, Membership, Invitation, SettingValue):
        assert not model.objects.exists(), model
    assert grants.resync(check=True) == []
    assert not AuditEvent.objects.exists()
    assert PurgeReceipt.objects.get().purged_by == "Canopy"


def test_purge_leaves_everything_else(furnished, owner):
    elsewhere = ApplicationFactory(workspace__organization=furnished.acme)
    MembershipFactory(node=elsewhere)
    nodes.delete(furnished.shop, by=owner)

    with time_machine.travel(timezone.now() + TRASH):
        nodes.purge_expired()

    assert set(Workspace.objects.all()) == {furnished.press, elsewhere.workspace}
    assert list(Application.objects.all()) == [elsewhere]
    assert not Membership.objects.filter(workspace=furnished.shop.pk).exists()
    assert Membership.objects.at(elsewhere).exists()
    assert grants.resync(check=True) == []


def test_purge_leaves_reviews_with_the_organization(tree, owner, guest):
    due_at = timezone.now() + timedelta(days=7)
    review = access_reviews.start(tree.shop, due_at=due_at, by=owner)
    number = review.rows.count()
    nodes.delete(tree.shop, by=owner)

    with time_machine.travel(timezone.now() + TRASH):
        nodes.purge_expired()

    review.refresh_from_db()
    assert (review.workspace, review.former_workspace) == (None, "Shop")
    assert (review.state, review.rows.count()) == (ReviewState.CANCELLED, number)


def test_purge_keeps_the_slug_from_others(tree, owner):
    nodes.delete(tree.shop, by=owner)

    with time_machine.travel(timezone.now() + TRASH):
        nodes.purge_expired()
        with refused("slug", "slug"):
            nodes.edit(tree.press, by=owner, slug="shop")


def test_purge_of_a_living_node_does_nothing(tree, recorded):
    assert not nodes.purge(tree.shop)
    assert recorded() == []


def test_purge_with_deleted_nodes_inside_each_other(tree, owner):
    nodes.delete(tree.production, by=owner)
    nodes.delete(tree.shop, by=owner)
    nodes.delete(tree.acme, by=owner)

    with time_machine.travel(timezone.now() + TRASH):
        assert nodes.purge_expired() == 3
    assert not Organization.objects.exists()


def test_purge_removes_the_logos(
    tree, owner, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    with django_capture_on_commit_callbacks(execute=True):
        nodes.edit(tree.shop, by=owner, logo=ContentFile(b"one", name="logo.webp"))
        WorkspaceFactory(organization=tree.acme)
    nodes.delete(tree.acme, by=owner)

    with (
        time_machine.travel(timezone.now() + TRASH),
        django_capture_on_commit_callbacks(execute=True),
    ):
        nodes.purge_expired()

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
