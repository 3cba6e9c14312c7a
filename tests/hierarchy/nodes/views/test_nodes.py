"""What can be done with organizations, workspaces and applications alike."""

import io

import pytest
from PIL import Image

from hierarchy.console.navigation import node_url
from hierarchy.models import AuditEvent, Pin
from hierarchy.roles import Role
from tests.factories import (
    InvitationFactory,
    MembershipFactory,
    TrustedOriginFactory,
    UserFactory,
)
from tests.support.acting import nodes
from tests.support.refusals import snapshot

FORMS = {
    "acme": {"name": "Acme", "slug": "acme", "kind": "business"},
    "shop": {"name": "Shop", "slug": "shop"},
    "development": {"name": "Web", "slug": "web", "platform": "web"},
}


@pytest.fixture(params=["acme", "shop", "development"])
def node(request, tree):
    node = getattr(tree, request.param)
    node.form = FORMS[request.param]
    return node


# --- General settings ----------------------------------------------------------------------------


def test_edit_says_in_words_what_it_changed(sign_in, manager, node):
    response = sign_in(manager).post(
        node_url(node, "edit"), node.form | {"name": "Renamed"}, follow=True
    )

    node.refresh_from_db()
    assert node.name == "Renamed"
    assert "Name changed to Renamed." in response.content.decode()
    assert AuditEvent.objects.latest("id").action == f"{node.level}.edit"


def test_edit_says_that_nothing_was_different(sign_in, manager, node):
    response = sign_in(manager).post(node_url(node, "edit"), node.form, follow=True)

    assert "There were no changes to save" in response.content.decode()
    assert not AuditEvent.objects.exists()


def test_edit_leads_to_the_new_address_of_a_renamed_slug(sign_in, manager, node):
    response = sign_in(manager).post(node_url(node, "edit"), node.form | {"slug": "new-slug"})

    node.refresh_from_db()
    assert response["Location"] == node_url(node, "edit")


@pytest.mark.parametrize(
    ("fields", "field"), [({"name": " "}, "name"), ({"slug": "Ä"}, "slug"), ({"slug": "o"}, "slug")]
)
def test_edit_keeps_bad_input_and_changes_nothing(sign_in, manager, node, fields, field):
    client = sign_in(manager)
    before = snapshot()

    response = client.post(node_url(node, "edit"), node.form | fields)

    form = response.context["form"]
    assert (response.status_code, list(form.errors)) == (200, [field])
    assert form[field].value() == fields[field]
    assert snapshot() == before


def test_edit_names_the_permission_that_is_missing(sign_in, maintainer, node):
    response = sign_in(maintainer).post(node_url(node, "edit"), node.form)

    assert response.status_code == 403
    assert f"change_{node.level}" in response.content.decode()


def test_edit_shows_a_maintainer_the_application_without_a_form(sign_in, maintainer, tree):
    response = sign_in(maintainer).get(node_url(tree.development, "edit"))

    assert response.status_code == 200
    assert "Save changes" not in response.content.decode()
    assert "Danger zone" not in response.content.decode()


def test_edit_is_hidden_from_who_does_not_see_the_node(sign_in, outsider, node):
    assert sign_in(outsider).get(node_url(node, "edit")).status_code == 404


def test_edit_shows_both_versions_and_lets_one_choose(sign_in, manager, owner, node):
    client = sign_in(manager)
    read = str(nodes.shown_to_edit(node))
    nodes.edit(node, by=owner, name="Theirs")

    refused = client.post(node_url(node, "edit"), node.form | {"name": "Mine", "version": read})

    content = refused.content.decode()
    assert refused.status_code == 409
    assert list(refused.context["form"].versions.values()) == [("Name", "Mine", "Theirs")]
    assert "Keep the current version" in content
    node.refresh_from_db()
    assert node.name == "Theirs"

    again = node.form | {"name": "Mine", "version": refused.context["form"].data["version"]}
    client.post(node_url(node, "edit"), again)

    node.refresh_from_db()
    assert node.name == "Mine"


def test_edit_can_save_over_a_slug_that_somebody_renamed(sign_in, manager, owner, tree):
    nodes.edit(tree.shop, by=owner, slug="boutique")

    response = sign_in(manager).post("/o/acme/w/shop/settings/", FORMS["shop"])

    assert response.status_code == 409


def test_edit_refuses_where_it_is_suspended(sign_in, owner, node):
    nodes.suspend(node, by=owner)

    response = sign_in(owner).post(node_url(node, "edit"), node.form | {"name": "Renamed"})

    assert "Nothing can be changed until it is resumed" in response.content.decode()
    assert "Save changes" not in sign_in(owner).get(node_url(node, "edit")).content.decode()


# --- Danger zone ---------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["suspend", "delete"])
def test_ask_for_the_password_and_come_back(sign_in, owner, node, verb):
    response = sign_in(owner).get(node_url(node, verb))

    assert response.status_code == 302
    assert "reauthenticate" in response["Location"]
    assert f"settings%2F{verb}%2F" in response["Location"]


@pytest.mark.parametrize("verb", ["suspend", "delete"])
def test_ask_for_no_password_right_after_signing_in(client, owner, node, verb):
    client.force_login(owner)

    assert client.get(node_url(node, verb)).status_code == 200


@pytest.mark.parametrize("verb", ["suspend", "delete"])
@pytest.mark.parametrize("typed", ["", "acme", "Wrong"])
def test_refuse_a_name_that_is_typed_wrong(sign_in, give_password, owner, node, verb, typed):
    client = sign_in(owner)
    give_password(owner)
    before = snapshot()

    response = client.post(node_url(node, verb), {"confirmation": typed})

    assert "Type the name exactly as shown." in response.content.decode()
    assert snapshot() == before


def test_suspend_stops_the_node_and_resume_starts_it_again(sign_in, give_password, owner, node):
    client = sign_in(owner)
    give_password(owner)

    client.post(node_url(node, "suspend"), {"confirmation": node.name})
    node.refresh_from_db()
    assert node.suspended_at is not None

    client.post(node_url(node, "resume"))
    node.refresh_from_db()
    assert node.suspended_at is None


def test_delete_leads_to_what_is_above(sign_in, give_password, owner, node):
    client = sign_in(owner)
    give_password(owner)

    response = client.post(node_url(node, "delete"), {"confirmation": node.name})

    node.refresh_from_db()
    assert node.deleted_at is not None
    assert response["Location"] == (node_url(node.parent) if node.parent else "/")
    assert client.get(node_url(node)).status_code == 404


def test_delete_leads_home_who_may_not_see_what_is_above(client, outsider, tree):
    MembershipFactory(user=outsider, node=tree.shop, role=Role.OWNER)
    client.force_login(outsider)

    response = client.post(node_url(tree.shop, "delete"), {"confirmation": "Shop"})

    assert response["Location"] == "/"


def test_delete_says_in_numbers_what_is_lost(client, owner, tree):
    client.force_login(owner)
    TrustedOriginFactory.create_batch(2, node=tree.production)
    InvitationFactory(node=tree.shop)
    for _each in range(3):
        MembershipFactory(node=tree.shop, user=UserFactory())

    def losses(node):
        return client.get(node_url(node, "delete")).context["losses"]

    assert losses(tree.acme) == [
        "2 workspaces",
        "2 applications",
        "5 members",
        "1 invitation",
        "2 trusted origins",
    ]
    assert losses(tree.shop)[:2] == ["2 applications", "3 members"]
    assert losses(tree.production) == ["2 trusted origins"]


@pytest.mark.parametrize("verb", ["suspend", "resume", "delete"])
def test_refuse_who_may_not_destroy(client, manager, node, verb):
    client.force_login(manager)

    response = client.post(node_url(node, verb), {"confirmation": node.name})

    assert response.status_code == 403
    assert f"delete_{node.level}" in response.content.decode()


@pytest.mark.parametrize("verb", ["suspend", "resume", "delete"])
def test_hide_the_danger_from_who_does_not_see_the_node(client, outsider, node, verb):
    client.force_login(outsider)

    assert client.post(node_url(node, verb), {"confirmation": node.name}).status_code == 404


def test_show_the_danger_zone_to_owners_alone(sign_in, owner, manager, node):
    seen = {
        person: "Danger zone" in sign_in(person).get(node_url(node, "edit")).content.decode()
        for person in (owner, manager)
    }

    assert seen == {owner: True, manager: False}


# --- Pins ----------------------------------------------------------------------------------------


def test_pin_and_unpin(sign_in, viewer, node):
    client = sign_in(viewer)

    client.post(node_url(node, "pin"))
    assert Pin.objects.at(node).get().user == viewer

    client.post(node_url(node, "unpin"))
    assert not Pin.objects.exists()


@pytest.mark.parametrize("verb", ["pin", "unpin"])
def test_pin_hides_what_one_cannot_see(sign_in, outsider, node, verb):
    assert sign_in(outsider).post(node_url(node, verb)).status_code == 404


# --- Logos ---------------------------------------------------------------------------------------


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture(kind="PNG", size=(64, 64)):
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    file.seek(0)
    file.name = f"logo.{kind.lower()}"
    return file


@pytest.mark.parametrize("name", ["acme", "shop"])
def test_edit_takes_a_logo_and_shows_it_to_who_sees_the_node(
    sign_in, owner, viewer, outsider, tree, media, name
):
    node = getattr(tree, name)
    form = FORMS[name] | {"logo": picture()}

    response = sign_in(owner).post(node_url(node, "edit"), form, follow=True)

    assert "Logo changed to a new picture." in response.content.decode()
    shown = sign_in(viewer).get(node_url(node, "logo"))
    assert Image.open(io.BytesIO(shown.getvalue())).format == "WEBP"
    assert shown["Content-Type"] == "image/webp"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert shown["Cache-Control"] == "private, max-age=3600"
    assert sign_in(outsider).get(node_url(node, "logo")).status_code == 404


def test_edit_removes_a_logo(sign_in, owner, tree, media):
    client = sign_in(owner)
    form = FORMS["shop"]
    client.post(node_url(tree.shop, "edit"), form | {"logo": picture()})

    kept = client.post(node_url(tree.shop, "edit"), form | {"name": "Shops"})
    tree.shop.refresh_from_db()
    assert (kept.status_code, bool(tree.shop.logo)) == (302, True)

    client.post(node_url(tree.shop, "edit"), form | {"remove_logo": "on"})
    tree.shop.refresh_from_db()
    assert not tree.shop.logo
    assert client.get(node_url(tree.shop, "logo")).status_code == 404


def test_edit_refuses_what_is_no_picture(sign_in, owner, tree, media):
    file = io.BytesIO(b"<svg onload='alert(1)'/>")
    file.name = "logo.png"

    response = sign_in(owner).post(node_url(tree.shop, "edit"), FORMS["shop"] | {"logo": file})

    assert list(response.context["form"].errors) == ["logo"]
    tree.shop.refresh_from_db()
    assert (tree.shop.version, bool(tree.shop.logo)) == (1, False)


def test_serve_uploads_at_no_address_of_their_own(sign_in, owner, tree, media):
    client = sign_in(owner)
    client.post(node_url(tree.shop, "edit"), FORMS["shop"] | {"logo": picture()})
    tree.shop.refresh_from_db()

    assert client.get(tree.shop.logo.url).status_code == 404


def test_say_nothing_is_there_when_the_file_is_lost(sign_in, owner, tree, media):
    tree.shop.logo = "logos/lost.webp"
    tree.shop.save()

    assert sign_in(owner).get(node_url(tree.shop, "logo")).status_code == 404
