"""Events that this room records, with the sentence and the target of each."""

from django.utils.translation import gettext_lazy as _

from hierarchy import audit
from hierarchy.models import AccessRequest, EmailDomain, Invitation

audit.declare(
    {
        "invitation.send": _("invited %(target)s"),
        "invitation.resend": _("sent the invitation for %(target)s again"),
        "invitation.extend": _("extended the invitation for %(target)s"),
        "invitation.change_role": _("changed the role offered to %(target)s"),
        "invitation.copy_link": _("copied the invitation link for %(target)s"),
        "invitation.revoke": _("revoked the invitation for %(target)s"),
        "invitation.accept": _("accepted the invitation"),
        "invitation.decline": _("declined the invitation"),
        "access_request.ask": _("asked for access"),
        "access_request.approve": _("approved the request from %(target)s"),
        "access_request.decline": _("declined the request from %(target)s"),
        "access_request.withdraw": _("withdrew their request"),
        "membership.join": _("joined with an address at %(target)s"),
        "email_domain.add": _("added the e-mail domain %(target)s"),
        "email_domain.edit": _("changed who can join from %(target)s"),
        "email_domain.verify": _("verified the e-mail domain %(target)s"),
        "email_domain.lose": _("found that the e-mail domain %(target)s had lost its record"),
        "email_domain.remove": _("removed the e-mail domain %(target)s"),
    },
    targets=(
        Invitation,
        AccessRequest,
        EmailDomain,
    ),
)
