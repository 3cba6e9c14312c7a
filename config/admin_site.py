"""The staff console: who may enter, its navigation and its dashboard."""

from unfold.sites import UnfoldAdminSite


class AdminSite(UnfoldAdminSite):
    site_header = "Canopy"
    site_title = "Canopy staff"
