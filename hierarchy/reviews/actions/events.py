"""Events that this room records, with the sentence and the target of each."""

from django.utils.translation import gettext_lazy as _

from hierarchy import audit
from hierarchy.models import AccessReview, AccessReviewRow

audit.declare(
    {
        "access_review.start": _("started an access review of %(target)s"),
        "access_review.keep": _("kept %(target)s in an access review"),
        "access_review.change": _("changed the role of %(target)s in an access review"),
        "access_review.remove": _("removed %(target)s in an access review"),
        "access_review.finish": _("finished the access review of %(target)s"),
        "access_review.cancel": _("cancelled the access review of %(target)s"),
        "access_review.redact": _("removed a former member from the evidence of %(target)s"),
        "access_review.escalate": _(
            "told the owners of %(target)s that its access review is overdue"
        ),
        "access_review.export": _("downloaded the evidence of the access review of %(target)s"),
    },
    targets=(
        AccessReview,
        AccessReviewRow,
    ),
)
