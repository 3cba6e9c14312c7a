"""An address of the admin asks nothing but what its pages offer, and of nobody's hidden rows."""

import re
from itertools import cycle, islice, product
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib import admin as django_admin
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as DjangoPermission
from django.contrib.messages.storage.session import SessionStorage
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import JSONField
from django.http import Http404, QueryDict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateEvent

from accounts.models import User
from config.admin_site import AdminSite
from config.closed_admin import (
    ClosedAdmin,
    ClosedAutocomplete,
    Unanswerable,
    refuse_unknown,
)
from hierarchy import audit
from hierarchy.models import (
    AuditEvent,
    Identity,
    Membership,
    Organization,
    OutgoingMail,
    OwnershipRecovery,
    PurgeReceipt,
    Workspace,
)
from hierarchy.roles import INVITE_MEMBER, VIEW, VIEW_MEMBER, Permission, Role
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
from tests.support.acting import accounts, purge_receipts
from tests.support.admin_forms import list_url, url
from tests.support.planted import planted
from tests.support.sampling import IS_THOROUGH, some

# All that may be asked of each list, by hand: page, search, order, and what its filters offer.
MAY_BE_ASKED = """
account.EmailAddress          p q
accounts.User                 p q o is_active__exact is_staff__exact is_superuser__exact
auth.Group                    p q
hierarchy.AccessRequest       p organization__id__exact state__exact
hierarchy.AccessReview        p organization__id__exact state__exact
hierarchy.Application         p q o organization__id__exact workspace__id__exact state \
environment__exact platform__exact
hierarchy.AuditEvent          p organization_id workspace_id application_id actor_id action \
created_at_from_0 created_at_from_1 created_at_to_0 created_at_to_1
hierarchy.CustomRole          p organization__id__exact
hierarchy.EmailDomain         p q organization__id__exact mode__exact
hierarchy.Identity            p q
hierarchy.Invitation          p q organization__id__exact state__exact role__exact
hierarchy.Membership          p q organization__id__exact role__exact status__exact
hierarchy.Organization        p q o state owner
hierarchy.OutgoingMail        p state__exact
hierarchy.OwnershipOffer      p organization__id__exact state__exact
hierarchy.OwnershipRecovery   p o organization__id__exact state__exact
hierarchy.PurgeReceipt        p
hierarchy.Transfer            p organization__id__exact state__exact
hierarchy.Workspace           p q o organization__id__exact state
mfa.Authenticator             p q
procrastinate.ProcrastinateJob  p status__exact
usersessions.UserSession      p q
"""
TABLE = {
    label: set(names)
    for label, *names in (line.split() for line in MAY_BE_ASKED.strip().splitlines())
}
MODELS = sorted(django_admin.site._registry, key=lambda model: model._meta.label)
EVERY_LIST = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
EVERYBODY = pytest.mark.parametrize("who", ["superuser", "clerk", "limited"])
# Beyond names of lookups: what else Django's lists read, and what other packages look for.
OTHER_NAMES = {"e", "all", "_facets", "_popup", "_to_field", "_changelist_filters", "pk", "pk__in"}
EACH_OF_SO_MANY_DEEPER = 4
AT_EACH_FIELD = 3  # real requests; the names of all lookups are held against the table
ODD = ["x", "-1", "0", "9" * 30, "9" * 5000, "1e309", "[]", "True", "0001-01-01", "9999-12-31"]
ABSENT = 987_654_321


@pytest.fixture
def seen(tree):
    """The owner of Acme, who is staff without any global permission."""
    user = UserFactory(email="limited@example.com", is_staff=True)
    MembershipFactory(user=user, node=tree.acme, role=Role.OWNER)
    return user


@pytest.fixture
def hidden(tree):
    """One row of each kind that the owner of Acme may not see, by model."""
    return planted("hidden rows", _hidden, beside=tree.acme.pk)


def _hidden():
    globex = OrganizationFactory(name="Globex", slug="globex")
    labs = WorkspaceFactory(organization=globex, name="Globex labs")
    person = UserFactory(email="globex@example.com", first_name="Globex")
    audit.record("organization.edit", by=person, node=globex)
    rows = [
        globex,
        labs,
        person,
        AuditEvent.objects.latest("id"),
        Identity.objects.create(organization_id=globex.pk, email="nobody@globex.example"),
        _receipt(),
        ApplicationFactory(workspace=labs, name="Globex site"),
        MembershipFactory(node=globex, user=person),
        InvitationFactory(node=labs),
        CustomRoleFactory(organization=globex),
        AccessReviewFactory(node=labs),
        AccessRequestFactory(node=labs),
        EmailDomainFactory(node=globex),
        OwnershipOfferFactory(organization=globex),
        TransferFactory(node=labs),
        OwnershipRecovery.objects.create(
            organization=globex,
            user=person,
            started_by=person,
            reason="Globex",
            due_at=timezone.now(),
        ),
        OutgoingMail.objects.create(
            organization=globex, recipient="globex@example.com", message_id="globex"
        ),
        failed_job(),
        Group.objects.create(name="Globex"),
        EmailAddress.objects.get(user=person),
        Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={}),
        UserSession.objects.create(
            user=person, session_key="globex", ip="192.0.2.1", user_agent="x"
        ),
    ]
    return {type(row): row for row in rows}


def _receipt():
    """Return what is left of an organization that was purged."""
    purged = OrganizationFactory(name="Globex of old", deleted_at=timezone.now())
    receipt = purge_receipts.issue(purged)
    purged.delete()
    return receipt


@pytest.fixture
def somebody(tree, request):
    """Return a function that makes one of the three people who may open the list of a model."""

    def somebody(who, model):
        if who == "superuser":
            return UserFactory(is_staff=True, is_superuser=True)
        if who == "limited":
            return request.getfixturevalue("seen")
        clerk = UserFactory(is_staff=True)
        for name in _opened_by(django_admin.site.get_model_admin(model)):
            app, codename = name.split(".")
            found = DjangoPermission.objects.filter(content_type__app_label=app, codename=codename)
            clerk.user_permissions.add(*found)
        return User.objects.get(pk=clerk.pk)

    return somebody


def _opened_by(model_admin):
    """Return the names of the permissions without which the list stays shut."""
    opts = model_admin.opts
    if level := getattr(model_admin, "level", None):
        return [VIEW[level].full_name]
    if opts.model in (AuditEvent, PurgeReceipt):
        return [Permission.VIEW_AUDIT_LOG.full_name]
    if opts.model is Identity:
        return [accounts.CHANGE_USER]
    if opts.label == "hierarchy.OwnershipRecovery":
        return [Permission.TRANSFER_ORGANIZATION.full_name]
    view = getattr(model_admin, "view", None)
    if view is None:
        return [f"{opts.app_label}.view_{opts.model_name}"]
    return [p.full_name for p in (view.values() if hasattr(view, "values") else [view])]


def _request(user, query=None, raw=""):
    request = RequestFactory().get(f"/admin/?{raw}", query)
    request.user = user
    return request


def _answer(user, model, query=None, raw=""):
    """Return the list's answer, its rows read; None where the person may not open it."""
    try:
        response = django_admin.site.get_model_admin(model).changelist_view(
            _request(user, query, raw)
        )
    except PermissionDenied:
        return None
    if response.status_code == 200:
        list(response.context_data["cl"].result_list)
    return response


# --- What can be asked ---------------------------------------------------------------------------


def _fields(model):
    """Yield (path, field) of every column and relation of the model, and of one relation deep."""
    for field in model._meta.get_fields(include_hidden=True):
        name = field.name
        yield name, field
        if getattr(field, "attname", name) != name:
            yield field.attname, field
        if field.is_relation and field.related_model is not None:
            for deeper in field.related_model._meta.get_fields():
                yield f"{name}__{deeper.name}", deeper


def _lookups(field):
    """Return the ends of all lookups that Django offers for the field."""
    target = getattr(field, "target_field", field) if field.is_relation else field
    ends = set()
    for name, lookup in target.get_lookups().items() if hasattr(target, "get_lookups") else ():
        ends.add(f"__{name}")
        if hasattr(lookup, "get_lookups"):  # a transform, such as a date's year
            ends |= {f"__{name}__{deeper}" for deeper in lookup.get_lookups()}
    if isinstance(target, JSONField):
        ends |= {f"__{key}{end}" for key in ("token", "0") for end in ("", "__regex", "__gt")}
    return ["", "__exact", "__isnull", "__in", "__regex", *sorted(ends)]


def _names(model):
    """Return every name that Django would take for a question about the rows of the model."""
    named = {f"{path}{end}" for path, field in _fields(model) for end in _lookups(field)}
    return named | OTHER_NAMES


def _sample(model, who):
    """Return a few lookups of every field, other ones of the next field; less of what is deeper."""
    names = []
    ends = cycle(range(7))
    for number, (path, field) in enumerate(_fields(model)):
        is_deeper = "__" in path
        if is_deeper and (who != "superuser" or number % EACH_OF_SO_MANY_DEEPER):
            continue
        if not IS_THOROUGH and (who != "superuser" or is_deeper) and number % 5:
            continue
        lookups = _lookups(field)
        is_asked_more = IS_THOROUGH and who == "superuser" and not is_deeper
        at_each = AT_EACH_FIELD if is_asked_more else 1
        names += [f"{path}{lookups[n % len(lookups)]}" for n in islice(ends, at_each)]
    return [name for name in names if name not in TABLE[model._meta.label]]


def test_every_list_has_a_row_in_the_table():
    assert set(TABLE) == {model._meta.label for model in MODELS}


@EVERYBODY
@EVERY_LIST
def test_a_list_can_be_asked_what_the_table_says_and_by_no_lookup_of_django(model, who, somebody):
    model_admin = django_admin.site.get_model_admin(model)
    user = somebody(who, model)
    offered = model_admin.parameters(_request(user))

    assert offered <= TABLE[model._meta.label]
    if who == "superuser":
        assert offered == TABLE[model._meta.label]
    names = _names(model) if IS_THOROUGH or who == "superuser" else set(some(sorted(_names(model))))
    taken = set()
    for name in names:
        try:
            refuse_unknown(SimpleNamespace(GET=QueryDict.fromkeys([name], "a")), offered)
        except Unanswerable:
            continue
        taken.add(name)
    assert taken == offered & names


@EVERYBODY
@EVERY_LIST
def test_refuse_whatever_else_is_asked_before_any_query(model, who, somebody):
    user = somebody(who, model)
    if _answer(user, model) is None:
        assert who == "limited"
        return

    with CaptureQueriesContext(connection) as captured:
        answers = {
            name: _answer(user, model, {name: "a"})
            for name in (*_sample(model, who), *sorted(OTHER_NAMES))
        }

    assert {n: a.status_code for n, a in answers.items() if a.status_code != 400} == {}
    assert {n: a.context_data["sentence"] for n, a in answers.items()} == {
        n: f"This list has no filter “{n[:60]}”." for n in answers
    }
    assert [query["sql"] for query in captured] == []


@EVERYBODY
@EVERY_LIST
def test_answer_odd_values_of_what_may_be_asked(model, who, somebody):
    """As a list, or by a sentence: never by an error."""
    user = somebody(who, model)
    if _answer(user, model) is None:
        return
    names = sorted(django_admin.site.get_model_admin(model).parameters(_request(user)))

    for name, value in some(product(names, ODD), one_in=5, seed=f"{model} {who}"):
        response = _answer(user, model, {name: value})
        assert response.status_code in (200, 400), (name, value)
        if name not in ("q", "p") and not name.startswith("created_at") and value == "x":
            assert response.status_code == 400, (name, value)
    for name in names if who == "superuser" else some(names, one_in=5, seed=f"{model} {who}"):
        assert _answer(user, model, raw=f"{name}=1&{name}=1").status_code == 400, name
        assert _answer(user, model, {name: ""}).status_code == 200, name


def test_refuse_to_tell_a_session_by_its_key(enter_admin, tree, owner):
    """What was read in 169 requests: one letter after another."""
    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.add(DjangoPermission.objects.get(codename="view_usersession"))
    key = UserSession.objects.create(
        user=owner, session_key="s3cret", ip="192.0.2.1", user_agent="x"
    ).session_key
    browser = enter_admin(clerk)

    right = browser.get(list_url(UserSession), {"session_key__regex": f"^{key[:3]}"})
    wrong = browser.get(list_url(UserSession), {"session_key__regex": "^zzz"})

    assert right.status_code == wrong.status_code == 400
    assert _body(right) == _body(wrong)
    assert "This list has no filter “session_key__regex”." in _body(right)


def test_a_refusal_leads_back_to_the_list(admin, tree):
    page = admin.get(list_url(Organization), {"email__startswith": "a"})

    assert page.status_code == 400
    assert "Show the whole list" in _body(page)


@pytest.mark.parametrize("order", ["2", "-0", "9", "x", "--1", "1.x", "9" * 30])
def test_order_a_list_by_no_other_column_than_its_headings_offer(admin, tree, order):
    response = admin.get(list_url(Workspace), {"o": order})

    assert response.status_code == 400
    assert "be sorted that way. Choose a column heading." in _body(response)


def test_order_a_list_by_its_headings(admin, tree):
    page = admin.get(list_url(Workspace), {"o": "-1"})

    assert [row.name for row in page.context["cl"].result_list] == ["Shop", "Press"]


@pytest.mark.parametrize("page", ["-1", "0", "3", "x", "9" * 30])
def test_a_page_that_is_not_there_is_said(admin, tree, monkeypatch, page):
    model_admin = django_admin.site.get_model_admin(Workspace)
    monkeypatch.setattr(model_admin, "list_per_page", 1)

    response = admin.get(list_url(Workspace), {"p": page})

    assert response.status_code == 400


@pytest.mark.parametrize("value", ["", "1", "0"])
def test_filter_by_yes_no_and_both(admin, outsider, value):
    """The form sends the empty value with whatever else is chosen."""
    query = {"is_staff__exact": value, "is_superuser__exact": ""}

    found = admin.get(list_url(User), query).context["cl"].result_list

    assert (outsider in found, len(found)) == {
        "": (True, 2),
        "1": (False, 1),
        "0": (True, 1),
    }[value]


@EVERY_LIST
@pytest.mark.parametrize("chosen", ["x", "9" * 30, str(ABSENT)])
def test_act_on_no_row_that_is_none(admin, tree, model, chosen):
    model_admin = django_admin.site.get_model_admin(model)
    for verb in model_admin.actions or ():
        data = {"action": verb, "_selected_action": chosen, "index": "0"}
        assert admin.post(list_url(model), data).status_code in (302, 400), verb


# --- Whose rows are named ------------------------------------------------------------------------


def _body(response):
    """Return the page without what is another each time."""
    body = response.content.decode()
    body = re.sub(r'(nonce|csrfmiddlewaretoken" value|hx-headers)=(["\']).*?\2', "", body)
    return re.sub(r'<code class="break">.*?</code>', "", body)  # the number of the request


def _asked(browser, address, query=None, *, besides=ABSENT):
    """Return status, page, way and what is said there, whichever of two numbers is asked for.

    A page may have either for another reason, too, such as the number 1.
    """
    response = browser.get(address, query)
    numbers = [*(query or {}).values(), *re.findall(r"/(\d+)/", address)]
    (number,) = map(str, numbers)
    either = rf"(?<=[“/=])({number}|{besides})(?=[”/&\"])"
    way = response.headers.get("Location", "")
    texts = [_body(response), way, _said(browser) if way else ""]
    return response.status_code, *(re.sub(either, "N", text) for text in texts)


def _said(browser):
    """Return what the next page would say of this one, and let it not be said."""
    session = browser.session
    said = session.pop(SessionStorage.session_key, "")
    session.save()
    return said.encode().decode("unicode_escape")


def _filters_of_rows():
    """Yield (model, parameter, model of the rows it names) of every list."""
    for model in MODELS:
        request = _request(UserFactory(is_staff=True, is_superuser=True))
        model_admin = django_admin.site.get_model_admin(model)
        for made in model_admin._filters(request):
            for choice in made.choices(None):
                for name, field in choice["form"].fields.items():
                    if hasattr(field, "queryset"):
                        yield model, name, field.queryset.model


def test_a_filter_answers_of_a_hidden_row_as_of_an_absent_one(enter_admin, seen, hidden):
    browser = enter_admin(seen)
    tried = set()
    for model, name, named in _filters_of_rows():
        if _answer(seen, model) is None:
            continue
        of_hidden = _asked(browser, list_url(model), {name: hidden[named].pk})
        of_absent = _asked(browser, list_url(model), {name: ABSENT}, besides=hidden[named].pk)
        assert of_hidden == of_absent, (model, name)
        assert of_hidden[0] == 400, (model, name)
        tried.add((model, name))

    assert len(tried) >= 13


def test_a_filter_names_what_the_own_list_shows(enter_admin, seen, tree):
    event = audit.record("workspace.edit", by=seen, node=tree.shop)
    audit.record("workspace.edit", by=seen, node=tree.press)
    browser = enter_admin(seen)

    page = browser.get(list_url(AuditEvent), {"workspace_id": tree.shop.pk})

    assert list(page.context["cl"].result_list) == [event]
    assert f'<option value="{tree.shop.pk}" selected>Shop</option>' in page.content.decode()


def test_a_filter_of_people_is_for_who_may_list_them(enter_admin, seen, admin, tree):
    assert "actor_id" not in django_admin.site.get_model_admin(AuditEvent).parameters(
        _request(seen)
    )
    event = audit.record("workspace.edit", by=seen, node=tree.shop)

    page = admin.get(list_url(AuditEvent), {"actor_id": seen.pk})

    assert list(page.context["cl"].result_list) == [event]


@pytest.mark.parametrize("level", ["acme", "shop", "production"])
def test_the_activity_of_each_node_is_one_click_away(admin, tree, level):
    node = getattr(tree, level)
    event = audit.record(f"{node.level}.edit", by=UserFactory(), node=node)
    audit.record("organization.edit", by=UserFactory(), node=OrganizationFactory())
    tabs = admin.get(url(node)).context["page_tabs"]
    (address,) = [address for label, address, _current in tabs if label == "Activity"]

    assert list(admin.get(address).context["cl"].result_list) == [event]


@EVERY_LIST
def test_every_page_answers_of_a_hidden_row_as_of_an_absent_one(enter_admin, seen, hidden, model):
    browser = enter_admin(seen)
    pages = ["change/", "delete/", "history/", "", "settings/privacy/", "people/", "access/"]
    pages += [f"{verb}/" for verb in django_admin.site.get_model_admin(model).actions_detail]

    for page in pages:
        pk = hidden[model].pk
        of_hidden = _asked(browser, f"{list_url(model)}{pk}/{page}")
        assert of_hidden == _asked(browser, f"{list_url(model)}{ABSENT}/{page}", besides=pk), page


@EVERY_LIST
def test_an_address_proposes_no_hidden_row(enter_admin, seen, hidden, model):
    browser = enter_admin(seen)
    for field in model._meta.fields:
        if field.is_relation and field.related_model in hidden:
            named = hidden[field.related_model].pk
            address = list_url(model, "add")
            assert _asked(browser, address, {field.name: named}) == _asked(
                browser, address, {field.name: ABSENT}, besides=named
            ), field.name


def test_an_address_proposes_nobody_to_who_may_not_list_people(enter_admin, tree, outsider):
    clerk = UserFactory(is_staff=True)
    adding = [*INVITE_MEMBER.values(), *VIEW_MEMBER.values()]
    clerk.user_permissions.add(
        *DjangoPermission.objects.filter(codename__in=[p.value for p in adding])
    )
    browser = enter_admin(clerk)

    page = browser.get(list_url(Membership, "add"), {"user": outsider.pk})

    assert page.status_code == 200
    assert outsider.email not in page.content.decode()


def test_show_no_history_of_anything(admin, tree):
    assert {
        admin.get(f"{list_url(model)}{pk}/history/").status_code
        for model in MODELS
        for pk in (tree.acme.pk, ABSENT)
    } == {404}


def test_lead_nowhere_by_the_id_of_a_type(admin, tree):
    assert admin.get(f"/admin/r/1/{tree.acme.pk}/").status_code == 404


# --- What is searched ----------------------------------------------------------------------------


@EVERY_LIST
def test_search_nothing_that_the_list_does_not_show(admin, tree, hidden, model):
    """Otherwise one could find out by searching what is not shown."""
    model_admin = django_admin.site.get_model_admin(model)
    for field in model_admin.search_fields:
        value = hidden[model]
        for part in field.split("__"):
            value = getattr(value, part)
        assert str(value) in admin.get(list_url(model)).content.decode()


@pytest.mark.parametrize("query", [{"x": "1"}, {"user__password__regex": "^a"}])
def test_ask_the_palette_and_the_autocompletes_nothing_else(admin, tree, query):
    field = {"app_label": "hierarchy", "model_name": "workspace", "field_name": "organization"}

    palette = admin.get("/admin/search/", {"s": "acme"} | query)
    autocomplete = admin.get("/admin/autocomplete/", field | query)

    assert palette.status_code == autocomplete.status_code == 400
    (name,) = query
    assert f"This list has no filter “{name}”." in palette.content.decode()
    assert "Acme" in admin.get("/admin/search/", {"s": "acme", "extended": "1"}).content.decode()
    assert admin.get("/admin/autocomplete/", field | {"term": "ac"}).json()["results"] == [
        {"id": str(tree.acme.pk), "text": "Acme"}
    ]


@pytest.mark.parametrize("who", ["superuser", "limited"])
def test_no_autocomplete_finds_a_hidden_row_or_breaks(somebody, hidden, who):
    user = somebody(who, Organization)
    view = ClosedAutocomplete.as_view(admin_site=django_admin.site)
    found = []
    for model in apps.get_models():
        for field in model._meta.get_fields(include_hidden=True):
            query = {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": field.name,
            }
            try:
                found.append(view(_request(user, query)).content.decode())
            except (PermissionDenied, Http404):
                continue

    assert len(found) > 20
    assert any("Globex" in answer for answer in found) == (who == "superuser")


# --- What comes later ----------------------------------------------------------------------------


def test_close_whatever_is_registered(db):
    """A package may bring any ModelAdmin, and a room forget what ours are made of."""

    class Brought(ModelAdmin):
        list_filter = ("type",)
        search_fields = ("type",)

    site = AdminSite(name="later")
    site.register(ProcrastinateEvent, Brought)
    site.register(LogEntry)

    for model in (ProcrastinateEvent, LogEntry):
        assert isinstance(site.get_model_admin(model), ClosedAdmin)
    boss = UserFactory(is_staff=True, is_superuser=True)
    assert site.get_model_admin(ProcrastinateEvent).parameters(_request(boss)) == {
        "p",
        "q",
        "o",
        "type__exact",
        "type__isnull",
    }
    assert site.get_model_admin(LogEntry).parameters(_request(boss)) == {"p", "o"}


@EVERY_LIST
def test_every_registered_admin_is_closed(model):
    model_admin = django_admin.site.get_model_admin(model)

    assert isinstance(model_admin, ClosedAdmin)
    assert type(model_admin).changelist_view is not ModelAdmin.changelist_view
    assert not model_admin.raw_id_fields  # their widget names any row by its id
    assert model_admin.to_field_allowed(None, model._meta.pk.name)
    for field in model._meta.fields:
        assert model_admin.to_field_allowed(None, field.name) == field.primary_key


def test_a_filter_of_rows_looks_in_no_whole_table(tree, hidden):
    """Whoever may list nothing is offered no row, whichever class of filter a list uses."""
    nobody = UserFactory(is_staff=True)
    for model in MODELS:
        for made in django_admin.site.get_model_admin(model)._filters(_request(nobody)):
            for choice in made.choices(None):
                for name, field in choice["form"].fields.items():
                    assert not getattr(field, "queryset", ()), (model, name)
