"""Whoever asks: the people that `world` placed by hand, and the nodes that they look at."""

from django.test import Client

from accounts.models import User
from hierarchy import access
from hierarchy.models import Application, Membership, Organization, Workspace
from tests.lab.benchmarks import world
from tests.support.proofs import note_proof


def person(pk: int) -> User:
    return User.objects.get(pk=pk)


def signed_in(pk: int) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(person(pk))
    return client


def signed_in_to_the_admin() -> Client:
    """Return the browser of staff who have just shown their second factor."""
    client = signed_in(world.STAFF)
    note_proof(client, person(world.STAFF))
    return client


def big_organization() -> Organization:
    return Organization.objects.get(pk=world.BIG_ORGANIZATION)


def organization_of_three() -> Organization:
    return Organization.objects.get(pk=world.ORGANIZATION_OF_THREE)


def workspace_of_big_organization() -> Workspace:
    return Workspace.objects.with_parents().get(pk=1)


def application_of_big_organization() -> Application:
    return Application.objects.with_parents().get(workspace=1, environment="staging")


def application_of_guest() -> Application:
    """Return an application that the guest sees from its workspace alone."""
    workspace_id = Membership.objects.filter(user=world.GUEST).first().workspace_id
    return Application.objects.with_parents().filter(workspace_id=workspace_id).first()


def fresh(user: User) -> User:
    """Return the user as a new request would have them: with nothing remembered."""
    access.forget(user)
    return user
