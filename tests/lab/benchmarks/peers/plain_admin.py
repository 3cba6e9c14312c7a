"""Django's own admin, as it comes, on the same models, with lists of the same rows and columns."""

from django.contrib import admin
from django.urls import path

from hierarchy.models import Membership, Organization

ENGINE = "plain_admin"  # its templates, which Unfold's would otherwise stand before


class PlainSite(admin.AdminSite):
    """A site whose lists are drawn by Django's own templates."""

    def has_permission(self, request):
        return True


class PlainAdmin(admin.ModelAdmin):
    list_per_page = 50

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)
        response.using = ENGINE
        return response


class OrganizationAdmin(PlainAdmin):
    list_display = ("title", "kind", "state", "created_at")
    list_filter = ("kind",)
    search_fields = ("name",)
    ordering = ("name", "id")

    @admin.display(description="Name", ordering="name")
    def title(self, row):
        return f"{row.name} ({row.slug})"

    @admin.display(description="State")
    def state(self, row):
        if row.is_deleted:
            return "In the trash"
        return "Active" if row.suspended_by is None else "Suspended"


class MembershipAdmin(PlainAdmin):
    list_display = ("person", "where", "role", "standing", "created_at")
    list_filter = ("role", "status")
    search_fields = ("user__email",)
    ordering = ("-id",)

    def get_queryset(self, request):
        return Membership.objects.with_nodes().select_related("user")

    @admin.display(description="Person")
    def person(self, row):
        return f"{row.user.get_full_name()} ({row.user.email})"

    @admin.display(description="Where")
    def where(self, row):
        return row.node.path_in_words

    @admin.display(description="Status")
    def standing(self, row):
        return row.standing


site = PlainSite("plain")
site.register(Organization, OrganizationAdmin)
site.register(Membership, MembershipAdmin)
urlpatterns = [path("bench/plain-admin/", site.urls)]
