"""Events that this room records, with the sentence and the target of each."""

from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from hierarchy import audit
from hierarchy.models import (
    BlockedPerson,
    CustomRole,
    Membership,
    OwnershipOffer,
    OwnershipRecovery,
)

audit.declare(
    {
        "organization.name_successor": _("changed the successor for %(target)s"),
        "ownership.offer": _("offered ownership to %(target)s"),
        "ownership.withdraw": _("withdrew the offer of ownership to %(target)s"),
        "ownership.accept": _("accepted ownership"),
        "ownership.decline": _("declined ownership"),
        "ownership_recovery.start": _("announced that %(target)s will become the owner"),
        "ownership_recovery.cancel": _("cancelled the recovery of ownership for %(target)s"),
        "ownership_recovery.complete": _("made %(target)s the owner, because there was none"),
        "membership.add": _("added %(target)s"),
        "membership.change_role": _("changed the role of %(target)s"),
        "membership.change_dates": _("changed the dates of %(target)s's access"),
        "membership.suspend": _("suspended %(target)s"),
        "membership.reactivate": _("reactivated %(target)s"),
        "membership.remove": _("removed %(target)s"),
        "membership.leave": _("left"),
        "custom_role.create": _("created the role %(target)s"),
        "custom_role.edit": _("changed the role %(target)s"),
        "custom_role.delete": _("deleted the role %(target)s"),
        "access_request.block": _("blocked %(target)s from asking"),
        "access_request.unblock": _("unblocked %(target)s"),
        "account.deactivate": _("deactivated the account of %(target)s"),
        "account.reactivate": _("reactivated the account of %(target)s"),
        "account.close": _("closed the account of %(target)s"),
        "account.erase": _("erased the account of %(target)s"),
        "account.change_staff_rights": _("changed the staff rights of %(target)s"),
        "account.take_factor": _("removed a second factor from %(target)s"),
        "identity.erase": _("erased an e-mail address from the activity"),
        "staff_group.create": _("created the staff group %(target)s"),
        "staff_group.edit": _("changed the staff group %(target)s"),
        "staff_group.delete": _("deleted the staff group %(target)s"),
    },
    targets=(
        OwnershipOffer,
        OwnershipRecovery,
        Membership,
        CustomRole,
        BlockedPerson,
        User,
        Group,
    ),
)
