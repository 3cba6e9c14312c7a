"""The product's addresses, a view that does nothing, and a page in two ways."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from tests.lab.benchmarks import rights_page
from tests.lab.benchmarks.peers import plain_admin


@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello")


urlpatterns = [
    path("bench/bare/", bare),
    path("bench/access/", rights_page.on_access),
    path("bench/guardian/", rights_page.on_guardian),
    *plain_admin.urlpatterns,
    path("bench/organizations/", include("organizations.urls")),
    path("", include("config.urls")),
]
