"""Tools that every console page shares: rendering inside the shell, and showing a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.shortcuts import render as django_render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from config.versions import sent
from config.web.session_life import signed_in_long_ago
from hierarchy import access
from hierarchy.console.forms.versions import VersionedForm
from hierarchy.console.navigation import navigation, node_url
from hierarchy.ids import read_id
from hierarchy.refusals import NotAllowed, Refused, Stale
from hierarchy.roles import owns

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails
    from django_stubs_ext import StrOrPromise

    from accounts.models import User
    from hierarchy.models import AnyRole, Application, OwnershipOffer, Transfer
    from hierarchy.models.node import AnyNode
    from hierarchy.roles import Level

Row = TypeVar("Row", contravariant=True)
Result = TypeVar("Result", covariant=True)
LATEST_NODES = 8


class OfButton(Protocol[Row, Result]):
    """Action on a row, as it was shown to the person who presses the button."""

    def __call__(self, row: Row, /, *, by: User, version: str) -> Result: ...


class Request(HttpRequest):
    """Request of a signed-in person, as pages get it."""

    user: User
    htmx: HtmxDetails


def render(
    request: HttpRequest,
    template: str,
    *,
    node: AnyNode | None = None,
    section: str = "",
    status: int = 200,
    fragment: str = "",
    channel: list[Application] | None = None,
    **context: object,
) -> HttpResponse:
    """Render a page of the console inside its shell, or only the template `fragment` for HTMX.

    `channel` is that of an application, if the page has asked for it: the side bar shows it, too.

    A form in the context that is stale makes the status 409.
    """
    remember(request, node)
    status = 409 if any(map(is_stale, context.values())) else status
    here = {"node": node, "section": section, "can": access.abilities(request.user, node)}
    if fragment and request.htmx:  # type: ignore[attr-defined]
        response = django_render(request, fragment, here | context, status=status)
    else:
        shell = here | {"navigation": navigation(request.user, node, section, channel)}
        response = django_render(request, template, shell | context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def dialog(
    request: Request,
    name: str,
    node: AnyNode,
    *,
    title: StrOrPromise,
    section: str = "members",
    back_url: str = "",
    **context: Any,
) -> HttpResponse:
    """Render "noun/verb" for the common dialog; without JavaScript, as a page of its own.

    Its form goes to the address that has opened it, and Cancel leads to `back_url`, which is the
    list of members unless it is given. A form in the context that has errors makes the status 422
    for HTMX, which shows it then; one that is stale makes it 409.
    """
    noun, verb = name.split("/")
    partial = f"console/{noun}/_{verb}.html"
    context |= {
        "title": title,
        "section": section,
        "action_url": request.get_full_path(),
        "back_url": back_url or node_url(node, "membership-index"),
    }
    form = context.get("form")
    status = 409 if is_stale(form) else 200
    if request.htmx:
        if status == 200 and getattr(form, "errors", None):
            status = 422
        return django_render(request, partial, {"node": node, **context}, status=status)
    context["partial"] = partial
    return render(request, "console/dialog_page.html", node=node, status=status, **context)


@reauthentication_required(enabled=signed_in_long_ago)  # type: ignore[untyped-decorator]
def ask_password_again(request: HttpRequest) -> None:
    """Interrupt for the password unless it was given in the last 15 minutes, then continue here."""


def ask_password_for_ownership(request: HttpRequest, level: Level, *roles: AnyRole) -> None:
    """Interrupt for the password where one of `roles`, on a node of `level`, is an owner's.

    A person who makes an owner, or ends ownership, first shows who they are.
    """
    if any(owns(role.permissions_on(level), level) for role in roles):
        ask_password_again(request)


def attempt(form: forms.Form, action: Callable[[], Result]) -> Result | None:
    """Run `action` and return its result; a refusal becomes an error of `form`, and None.

    NotAllowed passes: it has a page of its own. After someone else's change `form` has both
    versions, and makes the page 409. What returns nothing has been done if `form` is still valid.
    """
    try:
        return action()
    except NotAllowed:
        raise
    except Stale as stale:
        if not isinstance(form, VersionedForm):
            raise
        form.meet(stale)
        return None
    except Refused as refused:
        field = refused.field if refused.field in form.fields else None
        form.add_error(field, refused.sentence)
        return None


def shown_offer(request: HttpRequest, offers: Any) -> Any:
    """Return that of `offers` which the form was shown for, open or not; else the open one; or 404.

    Withdrawing refers to what the person has read, and not to what was offered since.
    """
    pk = read_id(request.POST.get("offer", ""))
    return get_object_or_404(offers.filter(pk=pk) if pk else offers.pending())


def tell_closed(request: HttpRequest, offer: OwnershipOffer | Transfer) -> HttpResponse:
    """Explain an expired offer's link to the person who could have accepted it.

    Not of what it was: they may no longer see any of that.
    """
    sentence = {
        "accepted": _("That offer has already been accepted."),
        "declined": _("That offer has been declined."),
        "withdrawn": _("That offer has been withdrawn."),
    }.get(offer.state, _("That offer has expired."))
    messages.info(request, sentence)
    return redirect("console:home")


def is_stale(form: object) -> bool:
    """Return whether `form` was sent after someone else's change, so that nothing was done."""
    return isinstance(form, VersionedForm) and form.stale is not None


def attempt_with_message(
    request: HttpRequest, action: Callable[[], Result], done: str | Callable[[Result], str]
) -> bool:
    """Run `action` of a button; say `done`, or the sentence of its refusal. Return whether done.

    `done` may be made of what the action has returned. NotAllowed and Stale pass: they have pages
    of their own.
    """
    try:
        result = action()
    except (NotAllowed, Stale):
        raise
    except Refused as refused:
        messages.error(request, refused.sentence)
        return False
    messages.success(request, done(result) if callable(done) else done)
    return True


def press(
    request: Request,
    action: OfButton[Row, Result],
    row: Row,
    done: str | Callable[[Result], str],
) -> bool:
    """Run `action`, that of a button, on `row` as the page has shown it.

    For the rest, see `attempt_with_message`.
    """
    version = sent(request.POST)
    return attempt_with_message(
        request, lambda: action(row, by=request.user, version=version), done
    )


def remember(request: HttpRequest, node: AnyNode | None) -> None:
    """Note in the session that the person was here, for the switcher's recent nodes."""
    if node is None:
        return
    here = [node.level.value, node.pk]
    recent = [place for place in request.session.get("recent", []) if place != here]
    if request.session.get("recent", [])[:1] != [here]:
        request.session["recent"] = [here, *recent][:LATEST_NODES]
