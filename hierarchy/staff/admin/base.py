"""Base of every ModelAdmin of the hierarchy: flat lists, and changes through the actions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import EmailField as ModelEmailField
from django.db.models import Model, QuerySet, URLField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.dataclasses import UnfoldAction
from unfold.decorators import display
from unfold.widgets import INPUT_CLASSES

from accounts.emails import searched
from accounts.fields import EmailField, EmailInput
from accounts.models import User
from config.admin_table import tick
from config.versions import Shown, sent
from config.web import request_context
from hierarchy import access, refused_attempts
from hierarchy.access import Anybody
from hierarchy.console.views.pages import ask_password_again
from hierarchy.console.views.sent_once import once
from hierarchy.ids import read_id, read_versions
from hierarchy.models import Node
from hierarchy.refusals import NotAllowed, Refused, Stale, sentence_of
from hierarchy.roles import Level, Permission
from hierarchy.staff.admin.action_forms import ActionForm
from hierarchy.staff.admin.flat_lists import CappedPaginator, FlatChangeList
from hierarchy.staff.admin.reasons import ReasonForm, SaysWhy
from hierarchy.staff.admin.unfold_widgets import dress
from hierarchy.staff.admin.verbs import Verb

MOST_AT_ONCE = 50  # rows that one bulk action changes


class AdminRequest(HttpRequest):
    """Notes that pages of the admin make on a request on its way through them."""

    refusal: Refused
    versions: dict[int, str]
    ticked: list[str]
    is_refusal_noted: bool


class HierarchyAdmin(SaysWhy):
    """A ModelAdmin that stays flat at a million rows and writes through the actions alone.

    Subclasses say what may be done (`may`), and carry it out by `create_row`, `change_row` and the
    table of their `verbs`. What `actions_detail` names besides are links, methods of their own.
    """

    verbs: ClassVar[tuple[Verb, ...]] = ()
    form = ActionForm
    formfield_overrides: ClassVar[dict[Any, object]] = {
        URLField: {"assume_scheme": "https"},
        ModelEmailField: {
            "form_class": EmailField,
            "widget": EmailInput({"class": " ".join(INPUT_CLASSES)}),
        },
    }
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_disable_select_all = True
    list_filter_submit = True
    in_palette = False
    # The indexed lookup that what is searched for, in small letters, is put to; without one it is
    # what Django makes of `search_fields`.
    search_lookup = ""
    change_form_before_template = "admin/hierarchy/version.html"

    def __init_subclass__(cls, **options: Any) -> None:
        """Make buttons and actions of the list of the verbs."""
        super().__init_subclass__(**options)
        own: tuple[Verb, ...] = cls.__dict__.get("verbs", ())
        on_many = [verb for verb in own if verb.label_of_many]
        for verb in own:
            setattr(cls, verb.name, verb.button())
        for verb in on_many:
            setattr(cls, verb.name_of_many, verb.list_action())
        if own:
            cls.actions_detail = (*cls.actions_detail, *(verb.name for verb in own))
            cls.actions = tuple(verb.name_of_many for verb in on_many)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        if not self.search_lookup:
            return super().get_search_results(request, queryset, search_term)  # type: ignore[no-any-return]
        term = searched(search_term)
        return queryset.filter(**{self.search_lookup: term}) if term else queryset, False

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[FlatChangeList]:
        return FlatChangeList

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Say no: what ends here ends by an action with its own name and its own rules."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))

    def log_addition(self, request: HttpRequest, obj: object, message: object) -> None:
        """Leave no second record: the action has left its audit event."""

    def log_change(self, request: HttpRequest, obj: object, message: object) -> None:
        """Leave no second record: the action has left its audit event."""

    # --- Forms ----------------------------------------------------------------------------------

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Make one row of the same form, however often it is sent."""
        response: HttpResponse = once(super().add_view)(request, *args, **kwargs)
        return response

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form; where the action refuses, show it again with the action's sentence."""
        try:
            response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except PermissionDenied:
            self.note_refusal(request, args[0] if args else kwargs.get("object_id"))
            raise
        except Refused as refused:  # the transaction around it has been rolled back
            note_lacking(request, refused)
            cast(AdminRequest, request).refusal = refused
            response = super().changeform_view(request, *args, **kwargs)
            if isinstance(refused, Stale):
                response.status_code = 409
        return response

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse what Django would delete past the actions, and record that it was tried."""
        try:
            response: HttpResponse = super().delete_view(request, object_id, extra_context)
        except PermissionDenied:
            self.note_refusal(request, object_id, _("Delete"))
            raise
        return response

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        for field in form.base_fields.values():
            for power in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{power}_related", False)
        return form

    def formfield_for_foreignkey(
        self, db_field: object, request: HttpRequest, **kwargs: object
    ) -> object:
        kwargs.setdefault("form_class", RowField)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: object, form: object, change: bool) -> None:
        if change:
            self.change_row(request, obj, form)
        else:
            created = self.create_row(request, form)
            obj.__dict__.update(created.__dict__)

    def create_row(self, request: HttpRequest, form: object) -> Model:
        raise NotImplementedError

    def change_row(self, request: HttpRequest, row: Any, form: Any) -> None:
        raise NotImplementedError

    # --- Buttons --------------------------------------------------------------------------------

    def shown(self, row: Any) -> Shown:
        """Return what is shown of the row where a person presses a button about it."""
        shown: Shown = row.shown
        return shown

    def may(self, request: HttpRequest, row: Any, verb: str) -> bool:
        """Return whether the person may do `verb`, whatever state the row is in."""
        return False

    def offers(self, row: Any) -> set[str]:
        """Return the names of what makes sense in the state of the row."""
        return {verb.name for verb in self.verbs if verb.offered(row)}

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        row = self.get_object(request, unquote(str(object_id)))
        if row is None:
            return []
        offered = {verb for verb in self.offers(row) if self.may(request, row, verb)}
        buttons = self._get_base_actions_detail()
        return [button for button in buttons if button.method.original_function_name in offered]

    def carry_out(self, request: HttpRequest, object_id: str, verb: Verb) -> HttpResponse:
        """Ask, then run the action on a POST, and say what came of it."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[no-any-return]
        if not self.may(request, row, verb.name):
            self.note_refusal(request, object_id, str(verb.label))
            raise PermissionDenied
        is_dangerous = verb.is_dangerous(row)
        if is_dangerous:
            ask_password_again(request)
        form = verb.confirmation(row, request.POST or None) if verb.confirmation else None
        reason = self.reason_form(request)
        asked: list[forms.Form] = [reason] if form is None else [form, reason]
        is_confirmed = request.method == "POST" and all(each.is_valid() for each in asked)
        sentence = verb.done % {"row": row}
        stale: Stale | None = None
        if is_confirmed:
            version = sent(request.POST)
            try:
                act = partial(verb.run, row, by=request.user, version=version)
                with request_context.because(reason.words):
                    is_done = attempt(request, act, sentence)
                if is_done:
                    return redirect(self.url_after(request, row))
            except Stale as refused:
                stale = refused
        context = {
            "shown": stale.shown if stale else self.shown(row),
            "stale": stale,
            "explanation": verb.explanation,
            "form": dress(form) if form else None,
            "reason": reason,
            "label": str(verb.label),
            "is_dangerous": is_dangerous,
        }
        title = verb.question % {"row": row}
        status = 409 if stale else 200
        return self.page(request, "admin/confirm.html", row, title=title, status=status, **context)

    @display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Any) -> SafeString:
        """Let what is ticked say what the list shows of it, as a button's form does."""
        return tick(f"{obj.pk}:{self.shown(obj)}")

    def response_action(self, request: HttpRequest, queryset: QuerySet[Model]) -> object:
        """Take what is ticked apart: ids for Django, versions for the actions."""
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        noted = cast(AdminRequest, request)
        noted.versions = read_versions(ticked)
        noted.ticked = ticked
        data = request.POST.copy()
        data.setlist(ACTION_CHECKBOX_NAME, [text.partition(":")[0] for text in ticked])
        request.POST = data  # type: ignore[assignment]
        return super().response_action(request, queryset)

    def carry_out_on_many(
        self, request: HttpRequest, rows: QuerySet[Model], verb: Verb
    ) -> HttpResponse | None:
        """Ask why, then run the action on each row by itself: one refusal doesn't stop the others.

        Rows that are no longer what the list has shown are left, and shown beside that.
        """
        chosen = list(rows[:MOST_AT_ONCE])
        reason = self.reason_form(request)
        if not chosen:
            return None
        if "why" not in request.POST or not reason.is_valid():
            return self._confirm_many(request, chosen, verb, reason)
        versions = cast(AdminRequest, request).versions
        changed: list[tuple[object, Stale]] = []
        for row in chosen:
            act = partial(verb.run, row, by=request.user, version=versions.get(row.pk, ""))
            try:
                with request_context.because(reason.words):
                    attempt(request, act, verb.done % {"row": row})
            except Stale as stale:
                changed.append((row, stale))
        if not changed:
            return None
        known = any(not stale.is_unknown for _row, stale in changed)
        title = _("Changed since you opened it") if known else _("Open the list again")
        return self.list_page(request, "admin/changed.html", title, 409, changed=changed)

    def _confirm_many(
        self, request: HttpRequest, chosen: list[Any], verb: Verb, reason: ReasonForm
    ) -> HttpResponse:
        """Show what is going to be done to which rows; the form carries what was ticked."""
        label = str(verb.label_of_many)
        ticked = [(ACTION_CHECKBOX_NAME, text) for text in cast(AdminRequest, request).ticked]
        number = len(chosen)
        opts = self.opts
        kind = opts.verbose_name if number == 1 else opts.verbose_name_plural
        context: dict[str, Any] = {
            "label": label,
            "rows": chosen,
            "carried": [("action", verb.name_of_many), *ticked],
            "reason": reason if "why" in request.POST else ReasonForm(is_told=self.is_told),
            "row_url": request.get_full_path(),
        }
        words = {"action": label, "number": number, "kind": kind}
        title = _("%(action)s: %(number)s %(kind)s") % words
        return self.list_page(request, "admin/confirm.html", title, **context)

    def note_refusal(self, request: HttpRequest, object_id: str | None, what: str = "") -> None:
        """Record that staff tried to change a row that they see and may not, or to add one."""
        if request.method != "POST":
            return
        cast(AdminRequest, request).is_refusal_noted = True
        row = self.get_object(request, unquote(str(object_id))) if object_id else None
        if row is None and object_id:
            return
        node: Any = row if isinstance(row, Node) else getattr(row, "node", None)
        verb = what or (_("Change") if row else _("Add"))
        refused_attempts.note_refusal(node, f"{verb}: {self.opts.verbose_name}", by=actor(request))

    def url_after(self, request: HttpRequest, row: Any) -> str:
        """Return where to go after a button: to the row if it is still there to be seen."""
        if self.get_queryset(request).filter(pk=row.pk).exists():
            return self.row_url(row)
        return self.list_url()

    # --- Pages ----------------------------------------------------------------------------------

    def list_url(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def row_url(self, row: Any, name: str = "change", *more: Any) -> str:
        return reverse(
            f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=[row.pk, *more]
        )

    def list_page(
        self, request: HttpRequest, template: str, title: Any, status: int = 200, **context: Any
    ) -> HttpResponse:
        """Render a page of our own about rows of the list inside the admin's shell."""
        shell = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, template, shell | context, status=status)

    def page(
        self,
        request: HttpRequest,
        template: str,
        row: object,
        *,
        title: object,
        status: int = 200,
        **context: object,
    ) -> HttpResponse:
        """Render a page of our own about a row inside the admin's shell."""
        context = {"original": row, "row_url": self.row_url(row)} | context
        return self.list_page(request, template, title, status, **context)


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choice by id. Filled with anything else, the form comes back with its error, and empty."""

    def prepare_value(self, value: object) -> object:
        is_nonsense = isinstance(value, str) and read_id(value) is None
        return None if is_nonsense else super().prepare_value(value)


class WrittenOnce:
    """Base of a ModelAdmin whose rows can't be edited once they exist."""

    fieldsets: Any

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> object:
        return flatten_fieldsets(self.fieldsets) if obj else ()


def actor(request: HttpRequest) -> User:
    """Return who does it: nobody comes here without having signed in."""
    return cast(User, request.user)


def note_lacking(request: HttpRequest, refused: Refused) -> None:
    """Record a refusal, if it was for a permission that staff lack."""
    if isinstance(refused, NotAllowed):
        refused_attempts.note_refusal(refused.node, refused.permission.value, by=actor(request))


def attempt(request: HttpRequest, action: Callable[[], object], done: str) -> bool:
    """Run `action`; say `done`, or why it was refused. Return whether it was done.

    Stale passes: both versions are shown of that.
    """
    try:
        action()
    except Stale:
        raise
    except Refused as refused:
        note_lacking(request, refused)
        messages.error(request, sentence_of(refused))
        return False
    messages.success(request, done)
    return True


def holds_anywhere(user: Anybody, *permissions: Permission) -> bool:
    """Return whether one of `permissions` is held on some node, or globally."""
    grants = access.grant_map(user)
    return any(
        user.has_perm(permission.full_name)
        or any(grants.nodes(level, permission) for level in Level)
        for permission in permissions
    )
