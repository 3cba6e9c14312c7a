"""How the activity tells what this room records, and of what."""

from django.utils.translation import gettext_lazy as _

from hierarchy import audit

audit.declare(
    {
        "activity.export": _("exported the activity of %(target)s"),
    },
)
