"""The product's addresses, a view that does nothing, and the peer's page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from tests.benchmarks.peers.guardian_project import views


@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello")


urlpatterns = [
    path("bench/bare/", bare),
    path("bench/guardian/", views.workspaces),
    path("", include("config.urls")),
]
