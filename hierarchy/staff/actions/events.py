"""How the activity tells what this room records, and of what."""

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
