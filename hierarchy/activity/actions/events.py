"""Events that this room records, with the sentence and the target of each."""

from django.utils.translation import gettext_lazy as _

from hierarchy import audit

audit.declare(
    {
        "activity.export": _("exported the activity of %(target)s"),
    },
)
