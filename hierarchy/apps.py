"""The app that holds the tree: organizations, workspaces, applications, and who may do what."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HierarchyConfig(AppConfig):
    name = "hierarchy"
    verbose_name = _("Hierarchy")
    default_auto_field = "django.db.models.BigAutoField"
