"""The admin's side bar: its headings, and the entry that a ModelAdmin has under one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Heading(TextChoices):
    """The headings, top down. Who may open none of the pages under one does not see it."""

    TREE = "tree", _("Tree")
    ACCESS = "access", _("Access")
    JOINING = "joining", _("Joining")
    HANDING_OVER = "handing_over", _("Handovers")
    RECORD = "record", _("Records")
    SIGN_IN = "sign_in", _("Sign-in")


@dataclass(frozen=True)
class Entry:
    """Entry for the list of a model: `place` is for the order under its heading."""

    heading: Heading
    place: int
    label: Any
    icon: str  # of Material Symbols
