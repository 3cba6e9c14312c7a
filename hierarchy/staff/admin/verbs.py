"""Verbs that staff do to rows by buttons: each is one entry of the table of its admin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant

if TYPE_CHECKING:
    from django import forms
    from django_stubs_ext import StrOrPromise

    from hierarchy.staff.admin.base import HierarchyAdmin


def always(row: Any) -> bool:
    return True


def never(row: Any) -> bool:
    return False


@dataclass(frozen=True)
class Verb:
    """A button on the page of a row, and perhaps an action of the list.

    `run` is the action that it carries out, and `offered` says of which rows that makes sense now.
    `question` and `done` may name the row as %(row)s. `confirmation` makes the form that has to be
    filled in; where it `is_dangerous`, the password is asked for after 15 minutes. `label_of_many`
    is the label of the list's action; without it there isn't one.
    """

    name: str
    label: StrOrPromise
    run: Callable[..., object]
    icon: str
    question: StrOrPromise
    done: StrOrPromise
    explanation: StrOrPromise = ""
    variant: ActionVariant = ActionVariant.DEFAULT
    offered: Callable[[Any], bool] = always
    is_dangerous: Callable[[Any], bool] = never
    confirmation: Callable[[Any, Any], forms.Form] | None = None
    label_of_many: StrOrPromise = ""

    @property
    def name_of_many(self) -> str:
        return f"{self.name}_many"

    def button(self) -> Callable[..., HttpResponse]:
        """Return the method of a ModelAdmin that Unfold makes a button of."""

        def press(admin: HierarchyAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
            return admin.carry_out(request, object_id, self)

        press.__name__ = self.name
        made: Callable[..., HttpResponse] = action(
            description=self.label, icon=self.icon, variant=self.variant
        )(press)
        return made

    def list_action(self) -> Callable[..., HttpResponse | None]:
        """Return the method of a ModelAdmin that Django makes an action of its list of."""

        def press(
            admin: HierarchyAdmin, request: HttpRequest, rows: QuerySet[Model]
        ) -> HttpResponse | None:
            return admin.carry_out_on_many(request, rows, self)

        press.__name__ = self.name_of_many
        made: Callable[..., HttpResponse | None] = action(description=self.label_of_many)(press)
        return made


def erasing(run: Callable[..., object], **words: Any) -> Verb:
    """Return the verb that removes what identifies someone, for good."""
    return Verb(
        "erase",
        _("Erase"),
        run,
        icon="person_cancel",
        variant=ActionVariant.DANGER,
        is_dangerous=always,
        **words,
    )
