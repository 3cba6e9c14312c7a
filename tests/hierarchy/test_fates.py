"""What models declare of their rows, against what becomes of these in PostgreSQL."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from hierarchy import audit, fates
from hierarchy.models import (
    AccessRequest,
    AccessReview,
    AccessReviewRow,
    AuditEvent,
    BlockedPerson,
    CustomRole,
    EmailDomain,
    FormerSlug,
    HeldRole,
    Identity,
    Invitation,
    Membership,
    Node,
    Organization,
    OutgoingMail,
    OwnershipOffer,
    OwnershipRecovery,
    Path,
    Pin,
    SettingValue,
    Transfer,
    TrustedOrigin,
    path_of,
)
from hierarchy.models.fate import (
    COMES_ALONG,
    ENDS,
    ENDS_WITH_ORGANIZATION,
    FORGETS,
    HAPPENS_NEVER,
    IS_CHOSEN,
    IS_TAKEN_BACK,
    STAYS,
    STAYS_BEHIND,
    Fate,
    HasFate,
)
from hierarchy.models.grant import Grant, GroupObjectPermissionBase
from hierarchy.models.path import PathQuerySet
from hierarchy.models.path_snapshot import PathSnapshot, path_snapshot_of
from hierarchy.roles import Role
from tests.factories import (
    AccessRequestFactory,
    AccessReviewFactory,
    AccessReviewRowFactory,
    BlockedPersonFactory,
    CustomRoleFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    OwnershipOfferFactory,
    SettingValueFactory,
    TransferFactory,
    TrustedOriginFactory,
    UserFactory,
)
from tests.support.acting import accounts, custom_roles, memberships, nodes, transfers

LEAVER = "leaver@example.com"

# A row of each model that names `w.leaver` wherever it names somebody, on or beneath the workspace
# `w.shop`, or on the organization `w.acme` where the model hangs on organizations alone.
MAKERS = {
    AccessRequest: lambda w: AccessRequestFactory(node=w.shop, user=w.leaver),
    AccessReview: lambda w: w.review,
    AccessReviewRow: lambda w: AccessReviewRowFactory(member=w.member, review=w.review),
    AuditEvent: lambda w: audit.record("workspace.edit", by=w.leaver, node=w.shop),
    BlockedPerson: lambda w: BlockedPersonFactory(organization=w.acme, user=w.leaver),
    CustomRole: lambda w: CustomRoleFactory(organization=w.acme),
    EmailDomain: lambda w: EmailDomainFactory(node=w.acme),
    FormerSlug: lambda w: FormerSlug.objects.create(slug="old", **path_snapshot_of(w.shop)),
    Invitation: lambda w: InvitationFactory(node=w.shop, invited_by=w.leaver),
    Membership: lambda w: w.member,
    OutgoingMail: lambda w: OutgoingMail.objects.create(
        organization=w.acme, recipient="other@example.com", template="invitation"
    ),
    OwnershipOffer: lambda w: OwnershipOfferFactory(
        organization=w.acme, user=w.leaver, offered_by=w.owner
    ),
    OwnershipRecovery: lambda w: OwnershipRecovery.objects.create(
        organization=w.acme, user=w.leaver, started_by=w.leaver, reason="Lost"
    ),
    Pin: lambda w: Pin.objects.create(user=w.leaver, **path_of(w.shop)),
    SettingValue: lambda w: SettingValueFactory(
        node=w.shop, key="time_zone", value="UTC", updated_by=w.leaver
    ),
    Transfer: lambda w: TransferFactory(
        node=w.production, to_organization=w.acme, to_workspace=w.press, offered_by=w.leaver
    ),
    TrustedOrigin: lambda w: TrustedOriginFactory(node=w.production, created_by=w.leaver),
}


@pytest.fixture
def w(tree):
    """Acme, which `leaver` belongs to, with a row of each model; Globex, where Shop could go."""
    leaver = UserFactory(email=LEAVER)
    world = SimpleNamespace(**vars(tree), leaver=leaver)
    world.owner = MembershipFactory(node=tree.acme, role=Role.OWNER).user
    world.of_organization = MembershipFactory(node=tree.acme, user=leaver)
    world.member = MembershipFactory(node=tree.shop, user=leaver)
    world.review = AccessReviewFactory(node=tree.shop, started_by=leaver)
    world.globex = OrganizationFactory(name="Globex", slug="globex")
    world.boss = MembershipFactory(node=world.globex, role=Role.OWNER).user
    return world


# --- Each of the happenings, done to the nodes or the person of all rows -------------------------


def _move(w, *keep):
    offer = transfers.offer(w.shop, w.globex, by=w.owner)
    transfers.accept(offer, by=w.boss, keep=[row.pk for row in keep])


def _suspend(w):
    nodes.suspend(w.shop, by=w.owner)
    nodes.suspend(w.acme, by=w.owner)


def _delete(w):
    nodes.delete(w.shop, by=w.owner)
    nodes.delete(w.acme, by=w.owner)


def _restore(w):
    for node in (w.acme, w.shop):
        nodes.restore(type(node).objects.get(pk=node.pk), by=w.owner)


def _purge(node):
    expired = timezone.now() - timedelta(days=settings.TRASH_DAYS, minutes=1)
    type(node).objects.filter(pk=node.pk).update(deleted_at=expired)
    assert nodes.purge(type(node).objects.get(pk=node.pk))


def _leave(w):
    memberships.leave(w.of_organization, by=w.leaver)


def _close(w):
    accounts.close(w.leaver)


# --- What became of a row -------------------------------------------------------------------------


def _facts(row):
    """Return what a row says, but for keyed hashes, from which nobody reads anything."""
    columns = {field.attname for field in row._meta.concrete_fields} - {"address_hashes"}
    facts = {name: getattr(row, name) for name in columns}
    return facts | {"actor": getattr(row, "actor_label", "")}


def _outcome(row, facts):
    """Return what became of a row that had these facts."""
    found = type(row)._default_manager.filter(pk=row.pk).first()
    if found is None:
        return ENDS
    after = _facts(found)
    if facts == after:
        return STAYS
    if facts.get("state") == "pending" and after["state"] != "pending":
        return IS_TAKEN_BACK
    if LEAVER in str(facts) and LEAVER not in str(after):
        return FORGETS
    if facts["organization_id"] != after["organization_id"]:
        return COMES_ALONG
    return STAYS_BEHIND if after["workspace_id"] is None else None


def _broken(w, makers, happening, act, *, before=None):
    """Return the models whose rows don't become what is declared for `happening`."""
    rows = {model: makers[model](w) for model in fates.declared()}
    if before is not None:
        before(w)
    rows = {model: row for model, row in rows.items() if model.objects.filter(pk=row.pk).exists()}
    facts = {model: _facts(model.objects.get(pk=row.pk)) for model, row in rows.items()}
    act(w)
    return {
        model.__name__
        for model, row in rows.items()
        if _outcome(row, facts[model]) is not _meant(model, happening)
    }


def _meant(model, happening):
    """Return how the decision looks in the database."""
    declared = getattr(model.fate, happening)
    if declared is HAPPENS_NEVER or (declared is STAYS_BEHIND and issubclass(model, PathSnapshot)):
        return STAYS
    return ENDS if declared is IS_CHOSEN else declared  # it wasn't


HAPPENINGS = {
    "moves": (_move, None),
    "suspended": (_suspend, None),
    "deleted": (_delete, None),
    "restored": (_restore, _delete),
    "person_leaves": (_leave, None),
    "account_closed": (_close, None),
}


@pytest.mark.parametrize("happening", HAPPENINGS)
def test_carry_out_what_every_model_declares(w, happening):
    act, before = HAPPENINGS[happening]

    assert _broken(w, MAKERS, happening, act, before=before) == set()


def test_bring_along_the_memberships_that_are_chosen(w):
    facts = _facts(w.member)

    _move(w, w.member)

    assert Membership.fate.moves is IS_CHOSEN
    assert _outcome(w.member, facts) is COMES_ALONG


def test_carry_out_what_every_model_declares_of_a_purge(w):
    rows = {model: MAKERS[model](w) for model in fates.declared()}

    _purge(w.shop)
    after_workspace = {model for model, row in rows.items() if _is_there(row)}
    _purge(w.acme)
    after_organization = {model for model, row in rows.items() if _is_there(row)}

    of_organization = {model for model in rows if model.fate.moves is HAPPENS_NEVER}
    assert after_organization == _purged(rows, STAYS)
    outliving = _purged(rows, STAYS, ENDS_WITH_ORGANIZATION)
    assert after_workspace == outliving | of_organization


def _is_there(row):
    return type(row).objects.filter(pk=row.pk).exists()


def _purged(rows, *outcomes):
    return {model for model in rows if model.fate.purged in outcomes}


# --- Who has to decide ----------------------------------------------------------------------------


def test_ask_every_model_whose_rows_hang_on_a_node():
    """But for nodes themselves, and for grants, which are derived from memberships."""
    for model in apps.get_models():
        on_node = any(
            field.many_to_one and issubclass(field.related_model, Node)
            for field in model._meta.get_fields()
            if field.related_model and isinstance(field, models.ForeignKey)
        )
        if on_node and not issubclass(model, Node | Grant | GroupObjectPermissionBase):
            assert issubclass(model, HasFate), model


def test_leave_no_decision_open():
    with pytest.raises(TypeError, match="account_closed"):
        Fate(
            moves=ENDS, suspended=STAYS, deleted=STAYS, restored=STAYS, purged=ENDS,
            person_leaves=STAYS,
        )  # fmt: skip


def test_ask_again_where_a_new_column_holds_an_address():
    """Whoever erases an address without an account erases it from these: `accounts.erase_address`.

    But for the contact address of an organization, which is its own.
    """
    erased = {Identity, Invitation, OutgoingMail}
    holding = {
        model
        for model in apps.get_app_config("hierarchy").get_models()
        if any(isinstance(field, models.EmailField) for field in model._meta.concrete_fields)
    }

    assert holding - {Organization} <= erased


@pytest.mark.parametrize("model", HeldRole.__subclasses__(), ids=lambda model: model.__name__)
def test_leave_no_row_with_a_role_that_is_deleted(w, model):
    role = CustomRoleFactory(organization=w.acme)
    row = HOLDERS[model](w.acme, role=Role.CUSTOM, custom_role=role)

    custom_roles.delete(role, by=w.owner, replacement=Role.VIEWER)

    row.refresh_from_db()
    assert (row.role, row.custom_role) == (Role.VIEWER, None)


HOLDERS = {
    EmailDomain: lambda node, **given: EmailDomainFactory(node=node, **given),
    Invitation: lambda node, **given: InvitationFactory(node=node, **given),
    Membership: lambda node, **given: MembershipFactory(node=node, **given),
}


# --- A new noun -----------------------------------------------------------------------------------


DECISIONS = {
    "moves": COMES_ALONG,
    "suspended": STAYS,
    "deleted": STAYS,
    "restored": STAYS,
    "purged": ENDS,
    "person_leaves": STAYS,
    "account_closed": STAYS,
}
PATH_KEYS = (
    "FOREIGN KEY (workspace_id, organization_id)"
    " REFERENCES hierarchy_workspace (id, organization_id)"
    " ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED",
)


@pytest.fixture
def noun(w):
    """Return what makes a new model, and its table: rows hang on a node and name who made them."""
    yield _noun
    apps.all_models["hierarchy"].pop("trinket", None)
    apps.clear_cache()


def _noun(**decisions):
    fields = {
        "made_by": models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"),
        "note": models.CharField(max_length=100, default=LEAVER),
        "state": models.CharField(max_length=9, default="pending"),
        "objects": PathQuerySet.as_manager(),
        "Meta": type("Meta", (), {"app_label": "hierarchy"}),
        "__module__": __name__,
    }
    if decisions:
        fields["fate"] = Fate(**DECISIONS | decisions)
    return type("Trinket", (Path,), fields)


def _with_table(model):
    """Create its table with the keys that let a path follow its node: see `models/path.py`."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    with connection.schema_editor() as editor:
        editor.create_model(model)
        for constraint in PATH_KEYS:
            editor.execute(f"ALTER TABLE hierarchy_trinket ADD {constraint}")
    return MAKERS | {model: lambda w: model.objects.create(made_by=w.leaver, **path_of(w.shop))}


def test_start_with_no_model_that_has_not_decided(noun):
    assert [error.id for error in noun().check()] == ["hierarchy.E001"]


def test_start_with_a_model_that_has_decided(noun):
    assert noun(moves=ENDS).check() == []


@pytest.mark.parametrize(
    ("happening", "decision"),
    [
        ("moves", COMES_ALONG),
        ("moves", ENDS),
        ("suspended", ENDS),
        ("deleted", ENDS),
        ("restored", ENDS),
        ("person_leaves", STAYS),
        ("account_closed", STAYS),
    ],
)
def test_need_nothing_but_a_declaration(w, noun, happening, decision):
    makers = _with_table(noun(**{happening: decision}))
    act, before = HAPPENINGS[happening]

    assert _broken(w, makers, happening, act, before=before) == set()


@pytest.mark.parametrize(
    ("happening", "decision"),
    [
        ("moves", STAYS_BEHIND),
        ("moves", IS_CHOSEN),
        ("moves", IS_TAKEN_BACK),
        ("suspended", IS_TAKEN_BACK),
        ("person_leaves", ENDS),
        ("person_leaves", IS_TAKEN_BACK),
        ("account_closed", ENDS),
        ("account_closed", FORGETS),
    ],
)
def test_find_a_decision_that_nothing_carries_out(w, noun, happening, decision):
    makers = _with_table(noun(**{happening: decision}))
    act, before = HAPPENINGS[happening]

    assert _broken(w, makers, happening, act, before=before) == {"Trinket"}


def test_find_a_path_that_does_not_follow_its_node(w, noun, monkeypatch):
    monkeypatch.setattr(f"{__name__}.PATH_KEYS", ())
    makers = _with_table(noun(moves=COMES_ALONG))

    assert _broken(w, makers, "moves", _move) == {"Trinket"}
