"""Facts about rows: one module per noun."""

from hierarchy.models.access_request import AccessRequest, BlockedPerson, RequestState
from hierarchy.models.access_review import AccessReview, AccessReviewRow, Decision, ReviewState
from hierarchy.models.application import Application, Environment, Platform
from hierarchy.models.audit_event import AuditEvent, Capacity
from hierarchy.models.custom_role import CustomRole
from hierarchy.models.email_domain import EmailDomain, JoinMode
from hierarchy.models.former_slug import FormerSlug
from hierarchy.models.grant import (
    ApplicationGrant,
    ApplicationGroupGrant,
    OrganizationGrant,
    OrganizationGroupGrant,
    WorkspaceGrant,
    WorkspaceGroupGrant,
)
from hierarchy.models.held_role import AnyRole, HeldRole, role_columns, word_for
from hierarchy.models.identity import Identity, Whereabouts
from hierarchy.models.invitation import Invitation, State
from hierarchy.models.membership import Membership, Status
from hierarchy.models.node import Node
from hierarchy.models.organization import Kind, Organization
from hierarchy.models.outgoing_mail import UNSENT, Ending, MailState, OutgoingMail
from hierarchy.models.ownership_offer import OwnershipOffer
from hierarchy.models.ownership_recovery import OwnershipRecovery, RecoveryState
from hierarchy.models.path import Path, path_of
from hierarchy.models.pending import OfferState
from hierarchy.models.pin import Pin
from hierarchy.models.purge_receipt import PurgeReceipt
from hierarchy.models.sent_form import SentForm
from hierarchy.models.setting_value import SettingValue
from hierarchy.models.transfer import Transfer
from hierarchy.models.trusted_origin import TrustedOrigin
from hierarchy.models.way_in import WayIn
from hierarchy.models.workspace import Workspace

__all__ = [
    "UNSENT",
    "AccessRequest",
    "AccessReview",
    "AccessReviewRow",
    "AnyRole",
    "Application",
    "ApplicationGrant",
    "ApplicationGroupGrant",
    "AuditEvent",
    "BlockedPerson",
    "Capacity",
    "CustomRole",
    "Decision",
    "EmailDomain",
    "Ending",
    "Environment",
    "FormerSlug",
    "HeldRole",
    "Identity",
    "Invitation",
    "JoinMode",
    "Kind",
    "MailState",
    "Membership",
    "Node",
    "OfferState",
    "Organization",
    "OrganizationGrant",
    "OrganizationGroupGrant",
    "OutgoingMail",
    "OwnershipOffer",
    "OwnershipRecovery",
    "Path",
    "Pin",
    "Platform",
    "PurgeReceipt",
    "RecoveryState",
    "RequestState",
    "ReviewState",
    "SentForm",
    "SettingValue",
    "State",
    "Status",
    "Transfer",
    "TrustedOrigin",
    "WayIn",
    "Whereabouts",
    "Workspace",
    "WorkspaceGrant",
    "WorkspaceGroupGrant",
    "path_of",
    "role_columns",
    "word_for",
]
