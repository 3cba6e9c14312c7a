"""People in the admin: who they are, what they hold, and whether they may sign in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.models import User
from config.side_bar import Entry, Heading
from config.versions import Shown
from hierarchy.members.actions import accounts, staff
from hierarchy.models import Membership
from hierarchy.roles import VIEW_MEMBER
from hierarchy.staff.admin.action_forms import ActionForm
from hierarchy.staff.admin.base import actor
from hierarchy.staff.admin.filters import YesNoFilter
from hierarchy.staff.admin.page_tabs import Tab, TabbedAdmin
from hierarchy.staff.admin.paths import visible_to
from hierarchy.staff.admin.unfold_widgets import badge
from hierarchy.staff.admin.verbs import Verb, always, erasing

VIEW_USER = "accounts.view_user"
MOST_MEMBERSHIPS = 200


class UserForm(ActionForm):
    """Form for what a person can do as staff."""

    def shown(self) -> Shown:
        return staff.shown_rights(self.instance)


@admin.register(User)
class UserAdmin(TabbedAdmin):
    """Names and addresses are their owner's to change; staff rights a superuser's."""

    side_bar = Entry(Heading.ACCESS, 4, _("People"), "person")
    form = UserForm
    in_palette = True
    list_display = ("person", "state", "is_staff", "date_joined", "last_login")
    list_filter = (
        ("is_active", YesNoFilter),
        ("is_staff", YesNoFilter),
        ("is_superuser", YesNoFilter),
    )
    ordering = ("email",)
    sortable_by = ("person",)
    search_fields = ("email",)
    search_lookup = "email__startswith"
    search_help_text = _("Beginning of the e-mail address")
    fieldsets = (
        (None, {"fields": ("email", "first_name", "last_name", "state", "second_factor")}),
        (_("Staff"), {"fields": ("is_staff", "is_superuser", "groups")}),
        (_("Details"), {"fields": ("language", "time_zone", "date_joined", "last_login")}),
    )
    staff_fields = ("is_staff", "is_superuser", "groups")
    verbs = (
        Verb(
            "deactivate",
            _("Deactivate"),
            accounts.deactivate,
            icon="person_off",
            variant=ActionVariant.DANGER,
            question=_("Deactivate the account of %(row)s?"),
            done=_("%(row)s can no longer sign in."),
            explanation=_("Their open sessions end with the next request."),
            offered=lambda row: row.is_active and not row.is_closed,
            is_dangerous=always,
        ),
        Verb(
            "reactivate",
            _("Reactivate"),
            accounts.reactivate,
            icon="person_check",
            variant=ActionVariant.PRIMARY,
            question=_("Reactivate the account of %(row)s?"),
            done=_("%(row)s can sign in again."),
            explanation=_("They get back whatever access their memberships still grant."),
            offered=lambda row: not row.is_active and not row.is_closed,
        ),
        erasing(
            accounts.erase,
            question=_("Erase the account of %(row)s?"),
            done=_("The account has been erased. The activity now says “a former member” instead."),
            explanation=_(
                "Their memberships end, and everything that identifies them is removed. What they "
                "did stays in the activity, without their name. This can't be undone."
            ),
            offered=lambda row: not row.is_closed,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return User.objects.order_by(*self.ordering)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm(VIEW_USER)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let superusers set rights; nobody's own, and nothing of an account that is closed."""
        is_closed = obj is not None and obj.is_closed
        return bool(request.user.is_superuser) and obj != request.user and not is_closed

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        names = (name for _title, part in self.fieldsets for name in part["fields"])
        return tuple(name for name in names if name not in self.staff_fields)

    def formfield_for_manytomany(
        self, db_field: object, request: HttpRequest, **kwargs: object
    ) -> object:
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        kwargs["queryset"] = Group.objects.order_by("name")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def shown(self, row: User) -> Shown:
        return accounts.shown(row)

    def may(self, request: HttpRequest, row: User, verb: str) -> bool:
        by = actor(request)
        return by.has_perm(accounts.CHANGE_USER) and (by.is_superuser or not row.is_superuser)

    def change_row(self, request: HttpRequest, row: User, form: Any) -> None:
        rights = {name: form.cleaned_data[name] for name in self.staff_fields}
        version = form.cleaned_data["version"]
        staff.change_rights(row, by=actor(request), version=version, **rights)

    def save_related(
        self, request: HttpRequest, form: object, formsets: object, change: bool
    ) -> None:
        """Leave the groups to the action, too."""

    @display(description=_("Person"), header=True, ordering="email")
    def person(self, row: User) -> list[str]:
        return [str(row), "" if row.is_closed else row.email]

    @display(description=_("State"))
    def state(self, row: User) -> SafeString:
        if row.is_closed:
            return badge(_("Closed"))
        return badge(_("Active"), "success") if row.is_active else badge(_("Deactivated"), "danger")

    @display(description=_("Second factor"), boolean=True)
    def second_factor(self, row: User) -> bool:
        return bool(is_mfa_enabled(row))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.access_page)
        return [path("<int:pk>/access/", view, name="accounts_user_access"), *super().get_urls()]

    def access_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what the person holds, and from which node it comes."""
        if not self.has_view_permission(request):
            raise Http404
        row = self.row_or_404(request, str(pk))
        memberships = Membership.objects.filter(visible_to(request.user, VIEW_MEMBER), user=row)
        context = {
            "memberships": memberships.with_nodes().order_by("-id")[:MOST_MEMBERSHIPS],
            "groups": row.groups.order_by("name"),
            "page_tabs": self.tabs(request, row, "access"),
        }
        return self.page(request, "admin/accounts/access.html", row, title=str(row), **context)

    def pages_of(self, request: HttpRequest, row: User) -> list[Tab]:
        return [
            ("change", _("General"), self.row_url(row)),
            ("access", _("Access"), self.row_url(row, "access")),
        ]
