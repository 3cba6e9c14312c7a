"""Try to make the database say what must never be true, with plain SQL, past all our code."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from hierarchy import audit, grants
from hierarchy.models import Application, AuditEvent, Membership, OutgoingMail
from tests.factories import (
    AccessRequestFactory,
    AccessReviewFactory,
    AccessReviewRowFactory,
    ApplicationFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    SettingValueFactory,
    TrustedOriginFactory,
    UserFactory,
    WorkspaceFactory,
)

ON_A_PATH = ["membership", "invitation", "settingvalue", "trustedorigin", "pin", "accessrequest"]


def sql(statement, *parameters):
    """Run a statement and check deferred constraints, as a commit does; return its row count."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        count = cursor.rowcount
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        return count


@pytest.fixture
def elsewhere(tree):
    """Another organization, with a workspace and an application."""
    return ApplicationFactory(environment="production")


@pytest.fixture
def rows(tree, owner):
    """The id of one row of each kind on the application Web in production."""
    node = tree.production
    return {
        "membership": MembershipFactory(node=node).pk,
        "invitation": InvitationFactory(node=node).pk,
        "settingvalue": SettingValueFactory(node=node, key="time_zone", value="UTC").pk,
        "trustedorigin": TrustedOriginFactory(node=node).pk,
        "pin": _pin(node, owner),
        "accessrequest": AccessRequestFactory(node=node).pk,
    }


def _pin(node, user):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO hierarchy_pin (user_id, organization_id, workspace_id, application_id)"
            " VALUES (%s, %s, %s, %s) RETURNING id",
            [user.pk, node.organization_id, node.workspace_id, node.pk],
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("noun", ON_A_PATH)
@pytest.mark.parametrize(
    "lie",
    [
        {"organization_id": "organization"},
        {"workspace_id": "workspace"},
        {"workspace_id": "workspace", "organization_id": "organization"},
        {"workspace_id": "sibling"},
        {"application_id": "application"},
        {"application_id": None, "workspace_id": "workspace"},
        {"application_id": None, "organization_id": "organization"},
        {"workspace_id": None},
        {"organization_id": None},
    ],
    ids=str,
)
def test_refuse_a_false_path(tree, elsewhere, rows, noun, lie):
    foreign = {
        "organization": elsewhere.organization_id,
        "workspace": elsewhere.workspace_id,
        "application": elsewhere.pk,
        "sibling": tree.press.pk,
        None: None,
    }
    columns = ", ".join(f"{column} = %s" for column in lie)

    with pytest.raises(IntegrityError):
        sql(
            f"UPDATE hierarchy_{noun} SET {columns} WHERE id = %s",
            *(foreign[name] for name in lie.values()),
            rows[noun],
        )


@pytest.mark.parametrize("noun", ON_A_PATH)
def test_move_a_row_along_a_true_path(elsewhere, rows, noun):
    """The refusals above are for the lie, not for the change."""
    changed = sql(
        f"UPDATE hierarchy_{noun} SET organization_id = %s, workspace_id = %s, application_id = %s"
        " WHERE id = %s",
        elsewhere.organization_id,
        elsewhere.workspace_id,
        elsewhere.pk,
        rows[noun],
    )

    assert changed == 1


def test_refuse_an_application_in_the_workspace_of_another_organization(tree, elsewhere):
    for column, value in (
        ("organization_id", elsewhere.organization_id),
        ("workspace_id", elsewhere.workspace_id),
    ):
        with pytest.raises(IntegrityError):
            sql(
                f"UPDATE hierarchy_application SET {column} = %s WHERE id = %s",
                value,
                tree.production.pk,
            )


def test_everything_follows_a_workspace_to_another_organization(tree, elsewhere, rows):
    on_workspace = MembershipFactory(node=tree.shop)

    sql(
        "UPDATE hierarchy_workspace SET organization_id = %s WHERE id = %s",
        elsewhere.organization_id,
        tree.shop.pk,
    )

    on_workspace.refresh_from_db()
    assert on_workspace.organization == elsewhere.organization
    with connection.cursor() as cursor:
        for noun in ["application", *ON_A_PATH]:
            cursor.execute(
                f"SELECT count(*), count(*) FILTER (WHERE organization_id = %s)"
                f" FROM hierarchy_{noun} WHERE workspace_id = %s",
                [elsewhere.organization_id, tree.shop.pk],
            )
            found, moved = cursor.fetchone()
            assert found == moved > 0, noun
    assert grants.resync(check=True) == []


def test_everything_follows_an_application_to_another_workspace(tree, rows):
    sql(
        "UPDATE hierarchy_application SET workspace_id = %s WHERE id = %s",
        tree.press.pk,
        tree.production.pk,
    )

    for noun, pk in rows.items():
        assert (
            sql(
                f"SELECT 1 FROM hierarchy_{noun} WHERE id = %s AND workspace_id = %s",
                pk,
                tree.press.pk,
            )
            == 1
        )


def test_refuse_to_delete_a_node_under_its_rows(tree, rows):
    for level, node in (("application", tree.production), ("organization", tree.acme)):
        with pytest.raises(IntegrityError):
            sql(f"DELETE FROM hierarchy_{level} WHERE id = %s", node.pk)


@pytest.mark.parametrize("name", ["acme", "shop", "production"])
def test_refuse_a_second_membership_on_the_same_node(tree, name):
    membership = MembershipFactory(node=getattr(tree, name))

    with pytest.raises(IntegrityError, match="membership_once"):
        sql(
            "INSERT INTO hierarchy_membership"
            " (organization_id, workspace_id, application_id, user_id, role, status, created_at)"
            " SELECT organization_id, workspace_id, application_id, user_id, 'owner', status,"
            " created_at FROM hierarchy_membership WHERE id = %s",
            membership.pk,
        )


@pytest.mark.parametrize("name", ["acme", "shop", "production"])
def test_refuse_a_second_pending_invitation_of_an_address(tree, name):
    node = getattr(tree, name)
    InvitationFactory(node=node, email="a@example.com")

    with pytest.raises(IntegrityError, match="one_pending"), transaction.atomic():
        InvitationFactory(node=node, email="a@example.com")
    InvitationFactory(node=node, email="a@example.com", state="revoked", decided_at=timezone.now())


@pytest.mark.parametrize("name", ["acme", "shop", "production"])
def test_refuse_a_second_pending_request_of_a_person(tree, viewer, name):
    node = getattr(tree, name)
    AccessRequestFactory(node=node, user=viewer)

    with pytest.raises(IntegrityError, match="one_pending"), transaction.atomic():
        AccessRequestFactory(node=node, user=viewer)
    AccessRequestFactory(node=node, user=viewer, state="declined", decided_at=timezone.now())


@pytest.mark.parametrize("name", ["acme", "shop", "production"])
def test_refuse_a_second_value_of_a_setting(tree, name):
    node = getattr(tree, name)
    SettingValueFactory(node=node, key="time_zone", value="UTC")

    with pytest.raises(IntegrityError, match="settingvalue_once"), transaction.atomic():
        SettingValueFactory(node=node, key="time_zone", value="Europe/Rome")


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE hierarchy_membership SET role = 'king'", "membership_role"),
        ("UPDATE hierarchy_membership SET status = 'asleep'", "membership_status"),
        ("UPDATE hierarchy_invitation SET state = 'lost'", "invitation_(state|decided)"),
        ("UPDATE hierarchy_invitation SET state = 'accepted'", "invitation_decided"),
        ("UPDATE hierarchy_invitation SET decided_at = now()", "invitation_decided"),
        ("UPDATE hierarchy_accessrequest SET state = 'lost'", "accessrequest_(state|decided)"),
        ("UPDATE hierarchy_accessrequest SET state = 'approved'", "accessrequest_decided"),
        ("UPDATE hierarchy_accessrequest SET decided_at = now()", "accessrequest_decided"),
        ("UPDATE hierarchy_emaildomain SET mode = 'open'", "emaildomain_mode"),
        ("UPDATE hierarchy_emaildomain SET role = 'owner'", "emaildomain_no_owners"),
        ("UPDATE hierarchy_emaildomain SET role = 'custom'", "emaildomain_names_its_role"),
        (
            "UPDATE hierarchy_emaildomain SET workspace_id = (SELECT min(id) FROM"
            " hierarchy_workspace)",
            "emaildomain_of_organization",
        ),
        ("UPDATE hierarchy_emaildomain SET domain = 'a.example'", "emaildomain_one_holder"),
        (
            "INSERT INTO hierarchy_emaildomain (organization_id, domain, token, mode, role,"
            " created_at) SELECT organization_id, domain, token, mode, role, created_at FROM"
            " hierarchy_emaildomain",
            "emaildomain_once",
        ),
        ("UPDATE hierarchy_organization SET slug = 'Acme'", "organization_slug_canonical"),
        ("UPDATE hierarchy_organization SET slug = ''", "organization_slug_canonical"),
        ("UPDATE hierarchy_workspace SET slug = 'a_b' WHERE slug = 'shop'", "workspace_slug"),
        ("UPDATE hierarchy_application SET slug = '-a'", "application_slug_canonical"),
        ("UPDATE hierarchy_application SET name = 'x'", "application_name_length"),
        ("UPDATE hierarchy_application SET environment = 'test'", "application_environment"),
        ("UPDATE hierarchy_application SET environment = 'staging'", "application_(slug|name)"),
        ("UPDATE hierarchy_workspace SET slug = 'same'", "workspace_slug"),
        ("UPDATE hierarchy_organization SET slug = 'same'", "organization_slug"),
        ("UPDATE hierarchy_trustedorigin SET port = 0", "trustedorigin_port"),
        ("UPDATE hierarchy_trustedorigin SET port = 65536", "trustedorigin_port"),
        ("UPDATE hierarchy_trustedorigin SET host = 'a', port = NULL", "trustedorigin_page_once"),
        ("UPDATE hierarchy_outgoingmail SET state = 'sent'", "outgoingmail_sent"),
        ("UPDATE hierarchy_outgoingmail SET sent_at = now()", "outgoingmail_sent"),
        ("UPDATE accounts_user SET email = 'A@example.com'", "email"),
    ],
)
def test_refuse_what_must_never_be_true(tree, rows, statement, constraint):
    TrustedOriginFactory(node=tree.production)
    EmailDomainFactory(node=tree.acme)
    EmailDomainFactory(node=OrganizationFactory())
    OutgoingMail.objects.create(recipient="a@example.com", message_id="1")

    with pytest.raises(IntegrityError, match=constraint):
        sql(statement)


def test_refuse_a_slug_that_a_deleted_node_has(tree):
    tree.shop.deleted_at = timezone.now()
    tree.shop.save()

    with pytest.raises(IntegrityError, match="workspace_slug"):
        WorkspaceFactory(organization=tree.acme, slug="shop")


def test_allow_the_name_of_a_deleted_application(tree):
    tree.production.deleted_at = timezone.now()
    tree.production.save()

    second = ApplicationFactory(
        workspace=tree.shop, name="WEB", slug="web-2", environment="production"
    )

    assert Application.objects.alive().get(environment="production") == second


def test_refuse_two_accounts_of_one_address(db):
    UserFactory(email="a@example.com")

    with pytest.raises(IntegrityError):
        UserFactory(email="A@Example.com")


@pytest.fixture
def event(tree):
    return audit.record("organization.edit", by=None, node=tree.acme)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hierarchy_auditevent SET actor_id = 0",
        "UPDATE hierarchy_auditevent SET id = id",
        "DELETE FROM hierarchy_auditevent",
        "INSERT INTO hierarchy_auditevent SELECT * FROM hierarchy_auditevent"
        " ON CONFLICT (id) DO UPDATE SET actor_id = 0",
        "MERGE INTO hierarchy_auditevent USING (VALUES (1)) AS v ON true WHEN MATCHED THEN DELETE",
        "WITH gone AS (DELETE FROM hierarchy_auditevent RETURNING *) SELECT * FROM gone",
        "TRUNCATE hierarchy_auditevent",
        "SET CONSTRAINTS ALL IMMEDIATE;"
        " TRUNCATE hierarchy_organization, hierarchy_auditevent CASCADE",
    ],
)
def test_refuse_to_change_what_was_recorded(event, statement):
    with pytest.raises(DatabaseError, match="never changed or deleted"):
        sql(statement)


def test_refuse_to_delete_events_through_the_orm(event):
    for attempt in (event.delete, event.save, AuditEvent.objects.all().delete):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            attempt()


def test_refuse_a_number_twice(event):
    with pytest.raises(IntegrityError, match="auditevent_number"), transaction.atomic():
        AuditEvent.objects.create(
            organization_id=event.organization_id, number=event.number, action="organization.edit"
        )


def test_refuse_to_delete_a_member(tree):
    with pytest.raises(IntegrityError):
        sql("DELETE FROM accounts_user WHERE id = %s", Membership.objects.get().user_id)


def test_every_row_of_the_tree_names_its_organization(db):
    """The key by which the tables could be spread over machines."""
    own = [
        "application",
        "workspace",
        *ON_A_PATH,
        "auditevent",
        "blockedperson",
        "emaildomain",
        "formerslug",
        "outgoingmail",
    ]
    with connection.cursor() as cursor:
        for noun in own:
            table = connection.introspection.get_table_description(cursor, f"hierarchy_{noun}")
            assert "organization_id" in [column.name for column in table], noun


@pytest.mark.parametrize(
    ("noun", "lie"),
    [
        ("accessreview", {"organization_id": "organization"}),
        ("accessreview", {"workspace_id": "workspace"}),
        ("accessreview", {"application_id": "application"}),
        ("accessreview", {"state": "finished"}),
        ("accessreviewrow", {"organization_id": "organization"}),
        ("accessreviewrow", {"decision": "keep"}),
    ],
    ids=str,
)
def test_refuse_a_false_access_review(tree, elsewhere, noun, lie):
    review = AccessReviewFactory(node=tree.shop)
    member = MembershipFactory(node=tree.shop)
    row = AccessReviewRowFactory(review=review, member=member)
    foreign = {
        "organization": elsewhere.organization_id,
        "workspace": elsewhere.workspace_id,
        "application": elsewhere.pk,
    }
    ((column, value),) = lie.items()

    with pytest.raises(IntegrityError):
        sql(
            f"UPDATE hierarchy_{noun} SET {column} = %s WHERE id = %s",
            foreign.get(value, value),
            row.pk if noun == "accessreviewrow" else review.pk,
        )


def test_refuse_two_open_access_reviews_of_a_node(tree):
    AccessReviewFactory(node=tree.acme)
    AccessReviewFactory(node=tree.shop)

    for node in (tree.acme, tree.shop):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccessReviewFactory(node=node)
