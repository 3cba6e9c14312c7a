"""Actions of staff on e-mails that were given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from hierarchy import access, audit, outbox
from hierarchy.locking import lock_organization
from hierarchy.models import MailState, OutgoingMail
from hierarchy.refusals import Refused, refuse_stale

if TYPE_CHECKING:
    from accounts.models import User
    from config.versions import Version

CHANGE_MAIL = "hierarchy.change_outgoingmail"


@transaction.atomic
def resend(mail: OutgoingMail, *, by: User, version: Version) -> OutgoingMail:
    """Queue a failed mail again, with as many attempts as it had at first.

    `version` is that of the mail's `shown`.
    """
    access.forget(by)
    if not by.has_perm(CHANGE_MAIL):
        raise Refused("not_allowed", _("Only staff who can change e-mails can do this."))
    if mail.organization_id is not None:
        lock_organization(mail.organization_id)  # first, as all other code that locks both
    mail = OutgoingMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if mail.state != MailState.FAILED:
        sentence = _("The e-mail to %(recipient)s hasn't failed.")
        raise Refused("not_failed", sentence % {"recipient": mail.recipient})
    refuse_stale(mail.shown, version)
    outbox.retry(mail)
    audit.record(
        "mail.resend",
        by=by,
        node=mail.organization,
        target=mail,
        target_label=mail.recipient,
    )
    return mail
