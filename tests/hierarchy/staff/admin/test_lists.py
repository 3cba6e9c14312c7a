"""Lists cost the same for one row and for many, and never count a whole table."""

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from hierarchy import audit
from hierarchy.models import (
    AccessRequest,
    AccessReview,
    Application,
    AuditEvent,
    CustomRole,
    EmailDomain,
    Identity,
    Invitation,
    Membership,
    Organization,
    OutgoingMail,
    OwnershipOffer,
    Transfer,
    Workspace,
)
from hierarchy.roles import Role
from hierarchy.staff.admin import flat_lists
from tests.factories import (
    AccessRequestFactory,
    AccessReviewFactory,
    ApplicationFactory,
    CustomRoleFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    OwnershipOfferFactory,
    TransferFactory,
    UserFactory,
    WorkspaceFactory,
    failed_job,
)
from tests.support.admin_forms import list_url, url
from tests.support.planted import planted

LISTS = [
    Organization,
    Workspace,
    Application,
    Membership,
    Invitation,
    AuditEvent,
    Identity,
    OutgoingMail,
    ProcrastinateJob,
    CustomRole,
    AccessReview,
    AccessRequest,
    EmailDomain,
    OwnershipOffer,
    Transfer,
    User,
]


def grow(number):
    """Add so many rows to each list."""
    planted(f"{number} of each", partial(_add, number))


def _add(number):
    for index in range(number):
        organization = OrganizationFactory()
        application = ApplicationFactory(workspace=WorkspaceFactory(organization=organization))
        MembershipFactory(node=application)
        mail = OutgoingMail.objects.create(
            organization=organization, recipient="a@example.com", message_id=f"{number}-{index}"
        )
        InvitationFactory(node=application.workspace, mail=mail)
        audit.record("application.edit", by=UserFactory(), node=application)
        Identity.objects.create(organization_id=organization.pk, email="unknown@example.com")
        failed_job()
        role = CustomRoleFactory(organization=organization)
        EmailDomainFactory(node=organization, role=Role.CUSTOM, custom_role=role)
        AccessReviewFactory(node=application.workspace, started_by=UserFactory())
        AccessRequestFactory(node=application)
        OwnershipOfferFactory(organization=organization)
        place = WorkspaceFactory()
        TransferFactory(node=application, to_organization=place.organization, to_workspace=place)


def _queries(browser, address):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(address).status_code == 200
    return [query["sql"] for query in captured]


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
def test_list_takes_as_many_queries_for_many_rows(admin, model):
    grow(1)
    admin.get(list_url(model))
    few = _queries(admin, list_url(model))
    grow(8)

    assert len(_queries(admin, list_url(model))) == len(few)


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
def test_list_shows_what_there_is(admin, model):
    grow(2)

    assert len(admin.get(list_url(model)).context["cl"].result_list) >= 2


@pytest.mark.parametrize("model", [Workspace, Application, Membership, Invitation])
def test_list_of_limited_staff_takes_as_many_queries_for_many_rows(
    enter_admin, limited, tree, model
):
    browser = enter_admin(limited)
    ApplicationFactory(workspace=tree.shop)
    few = _queries(browser, list_url(model))
    for _index in range(8):
        node = ApplicationFactory(workspace=tree.shop)
        MembershipFactory(node=node)
        InvitationFactory(node=node)

    assert len(_queries(browser, list_url(model))) == len(few)


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
def test_list_never_counts_a_whole_table(admin, model):
    grow(1)
    table = model._meta.db_table

    queries = _queries(admin, list_url(model))

    counts = [sql for sql in queries if "COUNT(" in sql and table in sql]
    assert len(counts) == 1
    assert f"LIMIT {flat_lists.COUNT_NO_FURTHER + 1}" in counts[0]


def test_list_says_when_it_stops_counting(admin, monkeypatch):
    monkeypatch.setattr(flat_lists, "COUNT_NO_FURTHER", 2)
    grow(3)

    page = admin.get(list_url(Organization)).content.decode()

    assert "More than 1,000: search or filter to see the rest" in page


def test_form_offers_no_select_of_rows(admin, tree):
    """A select with every workspace would be megabytes: only autocompletes lead to rows."""
    grow(3)

    for model in (Membership, Invitation, Application, Workspace):
        page = admin.get(list_url(model, "add")).content.decode()
        assert "Organization " not in page
        assert "Workspace 1" not in page


def test_people_page_takes_as_many_queries_for_many_members(admin, tree):
    few = len(_queries(admin, url(tree.shop, "people")))
    for _index in range(8):
        MembershipFactory(node=tree.shop)

    assert len(_queries(admin, url(tree.shop, "people"))) == few


@pytest.mark.parametrize(
    ("order", "found"), [("", ["beta one", "Beta two"]), ("&o=1", ["Beta two", "beta one"])]
)
def test_search_goes_by_the_alphabet_unless_told_otherwise(admin, order, found):
    for name in ("Beta two", "beta one", "Alpha"):
        WorkspaceFactory(name=name)

    response = admin.get(f"{list_url(Workspace)}?q=beta{order}")

    assert [row.name for row in response.context["cl"].result_list] == found


def test_search_reads_no_names_before_the_first_that_matches(admin):
    """Otherwise the cost would be the place of the name in the alphabet."""
    WorkspaceFactory(name="Beta")
    with CaptureQueriesContext(connection) as captured:
        admin.get(f"{list_url(Workspace)}?q=beta")

    (rows,) = [q["sql"] for q in captured if "LIKE 'beta%'" in q["sql"] and "ORDER" in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {rows}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using hierarchy_workspace_start" in plan
    assert "Index Cond: (((lower((name)::text))::text >= 'beta'" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("name", ["organization_id", "actor_id"])
@pytest.mark.parametrize("text", ["x", "-1", "9" * 30, "9" * 5000])
def test_what_is_no_id_is_said_to_be_no_choice(admin, name, text):
    response = admin.get(list_url(AuditEvent), {name: text})

    assert response.status_code == 400
    assert "have that option. Choose one that it offers." in response.content.decode()


def test_an_empty_list_says_why(admin):
    assert "No transfers yet" in admin.get(list_url(Transfer)).content.decode()

    page = admin.get(list_url(Transfer), {"state__exact": "declined"}).content.decode()

    assert "No transfers match your search and filters." in page
    assert "Clear search and filters" in page
