"""Events that this room records, with the sentence and the target of each."""

from django.utils.translation import gettext_lazy as _

from hierarchy import audit
from hierarchy.models import OutgoingMail

audit.declare(
    {
        "mail.resend": _("sent an e-mail to %(target)s again"),
        "job.retry": _("ran the job %(target)s again"),
    },
    targets=(OutgoingMail,),
)
