"""Events that this room records, with the sentence and the target of each."""

from django.utils.translation import gettext_lazy as _

from hierarchy import audit
from hierarchy.models import Application, Organization, Transfer, Workspace

audit.declare(
    {
        "organization.create": _("created the organization %(target)s"),
        "organization.edit": _("changed the organization %(target)s"),
        "organization.suspend": _("suspended the organization %(target)s"),
        "organization.resume": _("resumed the organization %(target)s"),
        "organization.delete": _("deleted the organization %(target)s"),
        "organization.restore": _("restored the organization %(target)s"),
        "organization.purge": _("permanently deleted the organization %(target)s"),
        "workspace.create": _("created the workspace %(target)s"),
        "workspace.edit": _("changed the workspace %(target)s"),
        "workspace.suspend": _("suspended the workspace %(target)s"),
        "workspace.resume": _("resumed the workspace %(target)s"),
        "workspace.delete": _("deleted the workspace %(target)s"),
        "workspace.restore": _("restored the workspace %(target)s"),
        "workspace.purge": _("permanently deleted the workspace %(target)s"),
        "application.create": _("created the application %(target)s"),
        "application.edit": _("changed the application %(target)s"),
        "application.suspend": _("suspended the application %(target)s"),
        "application.resume": _("resumed the application %(target)s"),
        "application.delete": _("deleted the application %(target)s"),
        "application.restore": _("restored the application %(target)s"),
        "application.purge": _("permanently deleted the application %(target)s"),
        "transfer.offer": _("offered to hand it over to %(target)s"),
        "transfer.withdraw": _("withdrew the offer to %(target)s"),
        "transfer.decline": _("declined the transfer to %(target)s"),
        "transfer.lapse": _("ended the offer to %(target)s, which was itself handed over"),
        "transfer.accept": _("took it over from %(target)s"),
        "transfer.leave": _("took over %(target)s"),
    },
    targets=(
        Organization,
        Workspace,
        Application,
        Transfer,
    ),
)
