"""The app that holds the tree: organizations, workspaces, applications, and who may do what."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class HierarchyConfig(AppConfig):
    name = "hierarchy"
    verbose_name = _("Hierarchy")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from hierarchy import access, rooms

        rooms.import_from_each("actions")  # they declare what ends their mails
        post_migrate.connect(access.forget_permission_ids, dispatch_uid="forget_permission_ids")
