"""The people and places that the table of addresses speaks of."""

from types import SimpleNamespace

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from hierarchy.models import AccessReview, Membership
from hierarchy.roles import Level, Role
from tests.factories import (
    AccessRequestFactory,
    AccessReviewFactory,
    AccessReviewRowFactory,
    ApplicationFactory,
    BlockedPersonFactory,
    CustomRoleFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    TrustedOriginFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.support.acting import memberships
from tests.support.loaded import Browser
from tests.support.planted import planted
from tests.support.proofs import note_proof

TOKEN = "token-of-the-matrix"
NEVER = {
    "organization": "never-existed",
    "workspace": "never-existed",
    "application": "never-existed",
    "environment": "production",
}


def build():
    """Return the tree, everybody's client, and the addresses by relation and level."""
    world = planted("the world of addresses", _build)
    for nodes in world.nodes.values():
        for node in nodes.values():
            _put_back_the_logo(node)
    world.clients = {letter: _client(user) for letter, user in world.people.items()}
    for letter, session in world.sessions.items():
        world.clients[letter].cookies[settings.SESSION_COOKIE_NAME] = session
    world.clients["-"] = Client()
    return world


def _put_back_the_logo(node):
    """Write the file of a node whose row has been planted."""
    logo = getattr(node, "logo", None)
    if logo and not logo.storage.exists(logo.name):
        logo.storage.save(logo.name, ContentFile(b"picture"))


def _build():
    world = SimpleNamespace(nodes={}, places={}, rows={})
    acme = _organization("Acme", "acme")
    shop = _branch(world, "own", acme, "Shop", "shop", "web")
    _branch(world, "sibling", acme, "Press", "press", "blog")
    _branch(world, "other", _organization("Globex", "globex"), "Labs", "labs", "site")
    _plant_deleted(world, acme, shop)
    world.places["never"] = {level: _cut(NEVER, level) for level in Level}
    world.places["mixed"] = _mixed(world)
    world.people = _people(world)
    for relation, nodes in world.nodes.items():
        world.rows[relation] = {level: _rows(world, node) for level, node in nodes.items()}
    world.offer = InvitationFactory(node=shop, email="outsider@example.com", token=TOKEN)
    world.sessions = {letter: _session(user) for letter, user in world.people.items()}
    _take_away(world)
    return world


def _organization(name, slug):
    organization = OrganizationFactory(name=name, slug=slug)
    MembershipFactory(node=organization, role=Role.OWNER)
    organization.logo.save("logo.webp", ContentFile(b"picture"))
    return organization


def _branch(world, relation, organization, name, slug, application):
    workspace = WorkspaceFactory(organization=organization, name=name, slug=slug)
    workspace.logo.save("logo.webp", ContentFile(b"picture"))
    leaf = ApplicationFactory(
        workspace=workspace, slug=application, name="Web", environment="production"
    )
    _put(world, relation, organization, workspace, leaf)
    return workspace


def _plant_deleted(world, acme, shop):
    deleted = {"deleted_at": timezone.now()}
    _put(
        world,
        "deleted",
        OrganizationFactory(name="Void", slug="void", **deleted),
        WorkspaceFactory(organization=acme, name="Gone", slug="gone", **deleted),
        ApplicationFactory(
            workspace=shop, name="Old", slug="old", environment="production", **deleted
        ),
    )


def _put(world, relation, *nodes):
    world.nodes[relation] = dict(zip(Level, nodes, strict=True))
    world.places[relation] = {node.level: node.slugs for node in nodes}


def _mixed(world):
    """Return addresses whose parts all exist, but not beneath each other."""
    own, sibling, other = (world.places[name] for name in ("own", "sibling", "other"))
    return {
        Level.WORKSPACE: other[Level.WORKSPACE] | own[Level.ORGANIZATION],
        Level.APPLICATION: sibling[Level.APPLICATION] | own[Level.WORKSPACE],
    }


def _cut(slugs, level):
    names = {*list(Level)[: level.depth + 1]}
    names |= {"environment"} if level is Level.APPLICATION else set()
    return {name: slug for name, slug in slugs.items() if name in names}


def _people(world):
    acme, shop, web = world.nodes["own"].values()
    globex = world.nodes["other"][Level.ORGANIZATION]

    def member(name, node, role, **fields):
        return MembershipFactory(user__email=f"{name}@example.com", node=node, role=role, **fields)

    places = {
        "O": ("owner", acme, Role.OWNER),
        "M": ("manager", acme, Role.MANAGER),
        "m": ("maintainer", acme, Role.MAINTAINER),
        "v": ("viewer", acme, Role.VIEWER),
        "w": ("workspace-owner", shop, Role.OWNER),
        "g": ("guest", shop, Role.MAINTAINER),
        "a": ("contractor", web, Role.VIEWER),
        "d": ("demoted", acme, Role.MANAGER),
        "s": ("suspended", acme, Role.MANAGER),
        "r": ("removed", acme, Role.MANAGER),
        "x": ("deactivated", acme, Role.MANAGER),
        "o": ("stranger", globex, Role.OWNER),
    }
    people = {letter: member(*place).user for letter, place in places.items()}
    people["t"] = UserFactory(email="outsider@example.com")
    people["f"] = UserFactory(email="staff@example.com", is_staff=True)
    people["S"] = UserFactory(email="root@example.com", is_staff=True, is_superuser=True)
    for letter in "fS":  # whom the admin asks for a second factor
        TOTP.activate(people[letter], generate_totp_secret())
    for node in world.nodes["deleted"].values():
        MembershipFactory(user=people["O"], node=node, role=Role.OWNER)
    return people


def _rows(world, node):
    """Return the ids of one row of each kind on the node, by what addresses call them."""
    rows = {
        "membership": MembershipFactory(node=node).pk,
        "invitation": InvitationFactory(node=node, invited_by=world.people["O"]).pk,
        "access-request": AccessRequestFactory(node=node).pk,
    }
    if node.level is not Level.APPLICATION:
        rows |= _reviews(node)
    if node.level is Level.ORGANIZATION:
        rows["blocked-person"] = BlockedPersonFactory(organization=node).pk
        rows["custom-role"] = CustomRoleFactory(organization=node).pk
        rows["email-domain"] = EmailDomainFactory(node=node).pk
    if node.level is Level.APPLICATION:
        rows["trusted-origin"] = TrustedOriginFactory(node=node).pk
    return rows


def _reviews(node):
    """Return an open review, a row of it, and a finished one for its evidence."""
    done = {"state": "finished", "ended_at": timezone.now(), "csv_sha256": "0" * 64}
    finished = AccessReviewFactory(node=node, **done)
    review = AccessReview.objects.at(node).filter(state="open").first()
    review = review or AccessReviewFactory(node=node)
    row = AccessReviewRowFactory(review=review, member=MembershipFactory(node=node))
    return {
        "access-review-evidence": finished.pk,
        "access-review-checksum": finished.pk,
        "access-review-row": row.pk,
        "access-review": review.pk,
    }


def _client(user):
    browser = Browser if user.is_staff else Client  # what staff press was on a page a moment ago
    return browser(headers={"user-agent": "matrix"})


def _session(user):
    """Sign someone in, who has just given their password, and as staff the second factor."""
    client = _client(user)
    client.force_login(user)
    note_proof(client, user, "password", email=user.email)
    if user.is_staff:
        note_proof(client, user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _take_away(world):
    """Let four people lose what they had when they signed in."""
    acme = world.nodes["own"][Level.ORGANIZATION]
    by = world.people["O"]
    of = {letter: Membership.objects.at(acme).get(user=world.people[letter]) for letter in "dsr"}
    memberships.change_role(of["d"], Role.VIEWER, by=by)
    memberships.suspend(of["s"], by=by)
    memberships.remove(of["r"], by=by)
    type(by).objects.filter(pk=world.people["x"].pk).update(is_active=False)
