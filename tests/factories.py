"""One factory per model. What a membership grants is derived, as the actions do it."""

from __future__ import annotations

from datetime import timedelta

import factory
from allauth.account.models import EmailAddress
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app as jobs
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from hierarchy import grants
from hierarchy.joining.actions.invitations import hash_of
from hierarchy.models import (
    AccessRequest,
    AccessReview,
    AccessReviewRow,
    Application,
    BlockedPerson,
    CustomRole,
    EmailDomain,
    Invitation,
    JoinMode,
    Membership,
    Organization,
    OwnershipOffer,
    SettingValue,
    Transfer,
    TrustedOrigin,
    WayIn,
    Workspace,
)
from hierarchy.models.path import path_of
from hierarchy.roles import Role

PASSWORD = "correct horse battery staple"


class UserFactory(factory.django.DjangoModelFactory):
    """A person who has verified their address and signs in with PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    first_name = factory.Sequence(lambda n: f"Person{n}")
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def address(self, create, extracted, **kwargs):
        if create:
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)


class OrganizationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organization {n}")
    slug = factory.Sequence(lambda n: f"organization-{n}")


class WorkspaceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Workspace

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Workspace {n}")
    slug = factory.Sequence(lambda n: f"workspace-{n}")


class ApplicationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Application

    workspace = factory.SubFactory(WorkspaceFactory)
    organization = factory.SelfAttribute("workspace.organization")
    name = factory.Sequence(lambda n: f"Application {n}")
    slug = factory.Sequence(lambda n: f"application-{n}")
    platform = "web"
    environment = "development"


class _OnNode(factory.django.DjangoModelFactory):
    """A row that hangs on `node`."""

    class Meta:
        abstract = True
        exclude = ("node",)

    node = factory.SubFactory(OrganizationFactory)
    organization = factory.LazyAttribute(lambda o: path_of(o.node)["organization"])
    workspace = factory.LazyAttribute(lambda o: path_of(o.node)["workspace"])
    application = factory.LazyAttribute(lambda o: path_of(o.node)["application"])


class CustomRoleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CustomRole

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Role {n}")
    permissions = factory.LazyFunction(lambda: ["view_organization"])


class MembershipFactory(_OnNode):
    class Meta:
        model = Membership
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory)
    role = Role.VIEWER
    way_in = WayIn.INVITATION

    @factory.post_generation
    def grants(self, create, extracted, **kwargs):
        if create:
            grants.derive(self.user, self.organization)


class InvitationFactory(_OnNode):
    """A pending invitation; `token` opens it."""

    class Meta:
        model = Invitation
        exclude = ("node", "token")

    token = factory.Sequence(lambda n: f"token-{n}")
    token_hash = factory.LazyAttribute(lambda o: hash_of(o.token))
    email = factory.Sequence(lambda n: f"invited{n}@example.com")
    role = Role.VIEWER
    invited_by = factory.SubFactory(UserFactory)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))


class AccessRequestFactory(_OnNode):
    """A pending request to become a member."""

    class Meta:
        model = AccessRequest

    user = factory.SubFactory(UserFactory)


class AccessReviewFactory(_OnNode):
    """An open review without rows."""

    class Meta:
        model = AccessReview

    due_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=14))
    size = 0


class AccessReviewRowFactory(factory.django.DjangoModelFactory):
    """A row about `member` that waits for its answer."""

    class Meta:
        model = AccessReviewRow
        exclude = ("member",)

    member = factory.SubFactory(MembershipFactory)
    review = factory.SubFactory(AccessReviewFactory)
    organization_id = factory.SelfAttribute("member.organization_id")
    workspace_id = factory.SelfAttribute("member.workspace_id")
    application_id = factory.SelfAttribute("member.application_id")
    membership_id = factory.SelfAttribute("member.pk")
    user_id = factory.SelfAttribute("member.user_id")
    person = factory.SelfAttribute("member.user.email")
    place = factory.LazyAttribute(lambda o: o.member.node.name)
    role = factory.SelfAttribute("member.role")
    since = factory.SelfAttribute("member.created_at")
    way_in = factory.SelfAttribute("member.way_in")
    way_in_detail = factory.SelfAttribute("member.way_in_detail")


class BlockedPersonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BlockedPerson

    organization = factory.SubFactory(OrganizationFactory)
    user = factory.SubFactory(UserFactory)


class EmailDomainFactory(_OnNode):
    """A verified domain whose people join by themselves, as viewers."""

    class Meta:
        model = EmailDomain

    domain = factory.Sequence(lambda n: f"domain{n}.example")
    token = factory.Sequence(lambda n: f"token-{n}")
    role = Role.VIEWER
    mode = JoinMode.AUTOMATIC
    verified_at = factory.LazyFunction(timezone.now)


class OwnershipOfferFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OwnershipOffer

    organization = factory.SubFactory(OrganizationFactory)
    user = factory.SubFactory(UserFactory)
    offered_by = factory.SubFactory(UserFactory)


class TransferFactory(_OnNode):
    class Meta:
        model = Transfer

    node = factory.SubFactory(WorkspaceFactory)
    to_organization = factory.SubFactory(OrganizationFactory)
    offered_by = factory.SubFactory(UserFactory)


class SettingValueFactory(_OnNode):
    class Meta:
        model = SettingValue


class TrustedOriginFactory(_OnNode):
    class Meta:
        model = TrustedOrigin

    node = factory.SubFactory(ApplicationFactory)
    host = factory.Sequence(lambda n: f"app{n}.example.com")


def membership_of(user, node):
    """Return the membership that the person has on the node itself."""
    return Membership.objects.at(node).get(user=user)


def failed_job():
    """Return a job that the worker has given up. Its rows are not Django's to write."""
    job_id = jobs.configure_task("hierarchy.tasks.send_mail").defer(mail_id=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job_id])
    return ProcrastinateJob.objects.get(pk=job_id)
