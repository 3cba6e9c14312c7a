"""The pages that say why."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from hierarchy.console.navigation import node_url
from hierarchy.models import Membership, Status
from hierarchy.roles import Role
from tests.factories import CustomRoleFactory, MembershipFactory, UserFactory

# What differs from answer to answer, whatever is asked.
TOKEN = r"\b\w{64}\b"


def _ask(client, node, **question):
    return client.get(node_url(node, "access"), question)


def test_explain_what_can_be_asked(sign_in, owner, tree):
    content = _ask(sign_in(owner), tree.shop).content.decode()

    assert "Find out who can do something" in content
    assert "create applications" in content
    assert "read the activity log" not in content  # about the organization


def test_list_everybody_who_may_and_why(sign_in, owner, tree, manager):
    of_shop = MembershipFactory(node=tree.shop, role=Role.MANAGER).user
    MembershipFactory(node=tree.shop, role=Role.VIEWER)

    response = _ask(sign_in(owner), tree.shop, permission="add_application")

    found = {part.node: {m.user for m in part.page.rows} for part in response.context["holders"]}
    first = Membership.objects.at(tree.acme).get(user__email="first@example.com").user
    assert found == {tree.shop: {of_shop}, tree.acme: {first, owner, manager}}


def test_name_every_reason_with_a_link_to_where_it_can_be_changed(sign_in, owner, tree):
    user = MembershipFactory(node=tree.acme, role=Role.MANAGER).user
    MembershipFactory(node=tree.shop, role=Role.VIEWER, user=user)

    response = _ask(
        sign_in(owner), tree.shop, permission="add_application", person=user.email.upper()
    )

    why = response.context["why"]
    assert why.explanation.is_allowed
    assert [(r.membership.node, r.grants, r.why_not) for r in why.reasons] == [
        (tree.acme, True, ""),
        (tree.shop, False, "The role doesn't include this permission."),
    ]
    assert why.reasons[1].url == f"/o/acme/w/shop/members/?q={user.email}"


def test_link_to_an_address_with_signs_that_mean_something_in_links(sign_in, owner, tree):
    member = MembershipFactory(node=tree.shop, user__email="a&b+c@example.com").user
    browser = sign_in(owner)

    why = _ask(browser, tree.shop, permission="add_application", person=member.email).context["why"]

    (shown,) = browser.get(why.reasons[0].url).context["rows"]
    assert shown.membership.user == member


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"status": Status.SUSPENDED}, "The membership is suspended."),
        ({"ends_at": timezone.now() - timedelta(days=1)}, "The membership has ended."),
        ({"starts_at": timezone.now() + timedelta(days=1)}, "The membership hasn't started yet."),
        ({"user__is_active": False}, "The account isn't active."),
    ],
)
def test_say_why_a_role_grants_nothing_now(sign_in, owner, tree, fields, sentence):
    user = MembershipFactory(node=tree.shop, role=Role.OWNER, **fields).user

    content = _ask(
        sign_in(owner), tree.shop, permission="add_application", person=user.email
    ).content.decode()

    assert sentence in unescape(content)
    assert "What would give them access" in content


def test_say_that_a_suspension_above_silences(sign_in, owner, tree):
    user = MembershipFactory(node=tree.acme, status=Status.SUSPENDED).user
    MembershipFactory(node=tree.shop, role=Role.OWNER, user=user)

    response = _ask(sign_in(owner), tree.shop, permission="add_application", person=user.email)

    assert [reason.why_not for reason in response.context["why"].reasons] == [
        "The membership is suspended.",
        "The membership above it, on Acme, is suspended.",
    ]


def test_name_the_guard_of_production(sign_in, owner, tree):
    client = sign_in(owner)
    question = {"permission": "change_application", "person": owner.email}

    production = _ask(client, tree.production, **question).content.decode()
    development = _ask(client, tree.development, **question).content.decode()

    assert "change_production_application" in production
    assert "In production, this also takes" not in development


def test_take_the_guard_of_production_along_in_every_answer(sign_in, owner, tree):
    names = ["view_application", "change_application"]
    role = CustomRoleFactory(organization=tree.acme, permissions=names)
    person = MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role).user
    client = sign_in(owner)

    def found(node):
        who = _ask(client, node, permission="change_application").context["holders"]
        what = _ask(client, node, person=person.email).context["everything"]
        why = _ask(client, node, permission="change_application", person=person.email).context[
            "why"
        ]
        return (
            person in {row.user for part in who for row in part.page.rows},
            "change_application" in {each.permission for each in what},
            why.is_allowed,
            role in why.roles,
        )

    assert found(tree.production) == (False, False, False, False)
    assert found(tree.development) == (True, True, True, True)


def test_show_all_that_a_person_may_do(sign_in, owner, tree, guest):
    response = _ask(sign_in(owner), tree.shop, person=guest.email)

    found = {explanation.permission for explanation in response.context["everything"]}
    assert found == {
        "view_workspace",
        "view_workspace_member",
        "view_application",
        "view_application_settings",
        "view_application_member",
    }


def test_tell_nothing_of_people_outside_the_organization(sign_in, owner, tree):
    outsider = UserFactory(email="known@example.net")
    client = sign_in(owner)

    known, unknown = (
        re.sub(TOKEN, "", _ask(client, tree.acme, person=email).content.decode())
        for email in (outsider.email, "other@example.net")
    )

    assert known.replace(outsider.email, "other@example.net") == unknown
    assert "Nobody in Acme has that address" in known


def test_tell_nothing_of_members_of_a_sibling(sign_in, guest, tree):
    secret = MembershipFactory(node=tree.press).user
    client = sign_in(guest)

    known, unknown = (
        re.sub(
            TOKEN,
            "",
            _ask(client, tree.shop, person=email, permission="view_workspace").content.decode(),
        )
        for email in (secret.email, "other@example.net")
    )

    assert known.replace(secret.email, "other@example.net") == unknown
    assert "Nobody in Shop has that address" in known


def test_lead_to_what_would_change_the_answer(sign_in, owner, tree):
    above = MembershipFactory(node=tree.acme, role=Role.VIEWER)
    question = {"permission": "add_application", "person": above.user.email}

    content = _ask(sign_in(owner), tree.shop, **question).content.decode()

    invite = f"{node_url(tree.shop, 'invitation-send')}?email={above.user.email}"
    assert f'href="{node_url(tree.acme, "membership-change-role", pk=above.pk)}"' in content
    assert f'href="{invite}"' in content


def test_lead_an_unknown_address_to_an_invitation(sign_in, owner, tree):
    client = sign_in(owner)

    content = _ask(client, tree.shop, person="new@example.net").content.decode()

    invite = f"{node_url(tree.shop, 'invitation-send')}?email=new@example.net"
    assert f'href="{invite}"' in content
    assert 'value="new@example.net"' in client.get(invite).content.decode()


def test_lead_only_where_one_may_change_something(sign_in, guest, tree):
    member = MembershipFactory(node=tree.shop, role=Role.VIEWER)
    client = sign_in(guest)

    question = {"permission": "add_application", "person": member.user.email}
    known = _ask(client, tree.shop, **question).content.decode()
    unknown = _ask(client, tree.shop, person="new@example.net").content.decode()

    assert node_url(tree.shop, "membership-change-role", pk=member.pk) not in known
    assert node_url(tree.shop, "invitation-send") not in known + unknown


def test_keep_what_was_asked_when_it_makes_no_sense(sign_in, owner, tree):
    response = _ask(sign_in(owner), tree.acme, permission="transcend", person="nobody")

    assert response.status_code == 200
    assert "nobody" in response.content.decode()


def test_show_it_to_who_may_see_members_alone(sign_in, viewer, tree):
    assert _ask(sign_in(viewer), tree.acme).status_code == 403


def test_lists_cost_the_same_for_one_and_for_many(
    sign_in, owner, tree, django_assert_max_num_queries
):
    client = sign_in(owner)
    _ask(client, tree.shop, permission="view_workspace")
    with django_assert_max_num_queries(40) as one:
        _ask(client, tree.shop, permission="view_workspace")
    MembershipFactory.create_batch(20, node=tree.shop)
    MembershipFactory.create_batch(20, node=tree.acme)

    with django_assert_max_num_queries(len(one)):
        _ask(client, tree.shop, permission="view_workspace")


def test_tell_nothing_of_whom_no_list_would_show(sign_in, tree):
    """Of workspaces whose members one doesn't see, and of the suspended above."""
    role = CustomRoleFactory(
        organization=tree.acme, permissions=["view_organization", "view_organization_member"]
    )
    overseer = MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=role).user
    beneath = MembershipFactory(node=tree.shop).user
    maintainer = MembershipFactory(node=tree.shop, role=Role.MAINTAINER).user
    suspended = MembershipFactory(node=tree.acme, status=Status.SUSPENDED).user

    answers = {
        viewer: sign_in(viewer).get(node_url(node, "access"), {"person": person.email})
        for viewer, node, person in (
            (overseer, tree.acme, beneath),
            (maintainer, tree.shop, suspended),
        )
    }

    assert answers[overseer].context["unknown"] == beneath.email
    assert answers[maintainer].context["unknown"] == suspended.email
