"""The console's addresses: those of every room. One name serves all levels: see `addresses`."""

from django.urls import URLPattern

from hierarchy.rooms import modules_called

app_name = "console"

urlpatterns: list[URLPattern] = [
    pattern for urls in modules_called("urls") for pattern in urls.urlpatterns
]
