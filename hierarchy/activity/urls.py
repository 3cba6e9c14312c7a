"""The addresses of this room's pages, grouped by noun."""

from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from hierarchy.activity.views import audit_events
from hierarchy.console.addresses import at_every_level
from hierarchy.console.navigation import Page, declare
from hierarchy.roles import Level, Permission

READ = dict.fromkeys(Level, Permission.VIEW_AUDIT_LOG)
declare(Page(60, "activity", "audit-event-index", _("Activity"), "scroll-text", READ, "a"))

urlpatterns: list[URLPattern] = [
    # Activity
    *at_every_level("activity/", audit_events.index, "audit-event-index"),
    *at_every_level("activity/export.<slug:form>", audit_events.export, "audit-event-export"),
]
