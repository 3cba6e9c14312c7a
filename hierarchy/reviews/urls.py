"""The addresses of this room's pages, grouped by noun."""

from django.urls import URLPattern

from hierarchy.console.addresses import above_applications
from hierarchy.console.views.waiting import WaitingList
from hierarchy.console.views.waiting import declare as declare_waiting
from hierarchy.reviews.views import access_reviews, waiting

declare_waiting(
    WaitingList(60, "console/home/_reviews.html", waiting.reviews, waiting.maybe_reviews)
)

urlpatterns: list[URLPattern] = [
    # Access reviews
    *above_applications("access/reviews/", access_reviews.index, "access-review-index"),
    *above_applications("access/reviews/start/", access_reviews.start, "access-review-start"),
    *above_applications("access/reviews/<int:pk>/", access_reviews.detail, "access-review-detail"),
    *above_applications("access/reviews/<int:pk>/keep/", access_reviews.keep, "access-review-keep"),
    *above_applications(
        "access/reviews/rows/<int:pk>/change/", access_reviews.change, "access-review-row-change"
    ),
    *above_applications(
        "access/reviews/rows/<int:pk>/remove/", access_reviews.remove, "access-review-row-remove"
    ),
    *above_applications(
        "access/reviews/<int:pk>/finish/", access_reviews.finish, "access-review-finish"
    ),
    *above_applications(
        "access/reviews/<int:pk>/cancel/", access_reviews.cancel, "access-review-cancel"
    ),
    *above_applications(
        "access/reviews/<int:pk>/evidence.<slug:form>",
        access_reviews.download,
        "access-review-evidence",
    ),
    *above_applications(
        "access/reviews/<int:pk>/evidence.<slug:form>.sha256",
        access_reviews.checksum,
        "access-review-checksum",
    ),
]
