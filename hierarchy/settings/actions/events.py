"""Events that this room records, with the sentence and the target of each."""

from django.utils.translation import gettext_lazy as _

from hierarchy import audit
from hierarchy.models import TrustedOrigin

audit.declare(
    {
        "settings.change": _("changed %(target)s settings"),
        "trusted_origin.add": _("trusted the origin %(target)s"),
        "trusted_origin.edit": _("changed the trusted origin %(target)s"),
        "trusted_origin.remove": _("stopped trusting the origin %(target)s"),
    },
    targets=(TrustedOrigin,),
)
