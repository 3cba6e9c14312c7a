"""Admin pages where superusers change permissions of staff groups and remove lost factors."""

from __future__ import annotations

from typing import Any

from allauth.mfa import admin as _mfa  # noqa: F401 - registered first, replaced below
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _

from config.side_bar import Entry, Heading
from config.versions import Shown, sent
from config.web import request_context
from hierarchy.console.views.sent_once import once
from hierarchy.members.actions import staff
from hierarchy.members.admin.sign_in_records import AboutPerson
from hierarchy.staff.admin.action_forms import VersionedModelForm
from hierarchy.staff.admin.base import actor
from hierarchy.staff.admin.reasons import SaysWhy

for model in (Authenticator, Group):
    admin.site.unregister(model)


class DeletedAsShown(SaysWhy):
    """Deletes what the page has shown, and nothing that is another by then."""

    is_told = False
    delete_confirmation_template = "admin/delete.html"

    def shown(self, row: Any) -> Shown:
        raise NotImplementedError

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        reason = self.reason_form(request)
        context = (extra_context or {}) | ({"shown": self.shown(row)} if row else {})
        if reason.is_bound and not reason.is_valid():
            request.POST = QueryDict()  # nothing is confirmed yet
        with request_context.because(reason.words):
            response: HttpResponse = super().delete_view(
                request, object_id, context | {"reason": reason}
            )
        return response


@admin.register(Authenticator)
class AuthenticatorAdmin(DeletedAsShown, AboutPerson):
    """Second factors, which superusers may remove for people who lost them. Shows no key."""

    side_bar = Entry(Heading.SIGN_IN, 2, _("Second factors"), "passkey")
    list_display = ("user", "address", "type", "created_at", "last_used_at")
    fields = ("user", "type", "created_at", "last_used_at")

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(request.user.is_superuser)

    def shown(self, row: Authenticator) -> Shown:
        return staff.shown_of_factor(row)

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        staff.take_factor(obj, by=actor(request), version=sent(request.POST))

    def log_deletions(self, request: HttpRequest, queryset: object) -> object:
        """Leave no second record: the action has left its audit event."""


class GroupForm(VersionedModelForm):
    """Form for what the people in a group can do."""

    def shown(self) -> Shown:
        return staff.shown_of_group(self.instance)


@admin.register(Group)
class GroupAdmin(DeletedAsShown, DjangoGroupAdmin):  # type: ignore[misc]  # Unfold has no types
    """Global permissions of staff: a person who could change them could give themselves all."""

    form = GroupForm
    fields = ("name", "permissions")
    change_form_before_template = "admin/hierarchy/version.html"
    actions = None
    sortable_by = ()
    side_bar = Entry(Heading.ACCESS, 5, _("Staff permissions"), "admin_panel_settings")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(request.user.is_superuser)

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = once(super().add_view)(request, *args, **kwargs)
        return response

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        wanted = {name: form.cleaned_data[name] for name in ("name", "permissions")}
        version = form.cleaned_data.get("version", "")
        staff.save_group(obj, by=actor(request), version=version, **wanted)

    def save_related(
        self, request: HttpRequest, form: object, formsets: object, change: bool
    ) -> None:
        """Leave the permissions to the action, too."""

    def shown(self, row: Group) -> Shown:
        return staff.shown_of_group(row)

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        staff.delete_group(obj, by=actor(request), version=sent(request.POST))

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave no second record: the action has left its audit event."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave no second record: the action has left its audit event."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Leave no second record: the action has left its audit event."""
