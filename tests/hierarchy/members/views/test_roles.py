"""The role table, shown as it is enforced."""

from hierarchy.roles import BUILT_IN, Level, Permission, permissions_of


def test_show_the_table_as_it_is_enforced(sign_in, manager, tree):
    response = sign_in(manager).get("/o/acme/roles/")

    shown = {
        label: {role for role, may in answers if may}
        for _level, permissions in response.context["groups"]
        for label, answers in permissions
    }
    assert shown == {
        permission.label: {
            role for role in BUILT_IN if permission in permissions_of(role, Level.ORGANIZATION)
        }
        for permission in Permission
    }


def test_show_roles_to_who_may_see_members_alone(sign_in, viewer, tree):
    response = sign_in(viewer).get("/o/acme/roles/")

    assert response.status_code == 403
    assert "view_organization_member" in response.content.decode()


def test_hide_roles_of_a_hidden_organization(sign_in, outsider, tree):
    assert sign_in(outsider).get("/o/acme/roles/").status_code == 404
