"""Reviewing who has access: starting it, answering row by row or many at once, the evidence."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final, cast

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.versions import sent
from hierarchy import access, review_files
from hierarchy.activity.actions import files_taken
from hierarchy.console import lookup, paging
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import (
    Request,
    attempt,
    attempt_with_message,
    dialog,
    press,
    render,
)
from hierarchy.console.views.sent_once import once
from hierarchy.exports import FORMATS
from hierarchy.ids import read_versions
from hierarchy.members.views.memberships import ask_password_for_owners, consequences_of_removal
from hierarchy.models import AccessReview, AccessReviewRow, Membership, ReviewState
from hierarchy.refusals import NotAllowed
from hierarchy.reviews.actions import access_reviews
from hierarchy.reviews.forms.access_reviews import ChangeForm, NoteForm, StartForm
from hierarchy.reviews.views.access_review_rows import may_review, review_rows
from hierarchy.roles import CHANGE_MEMBER, VIEW_MEMBER, ByLevel, Level

if TYPE_CHECKING:
    from hierarchy.models import Organization, Workspace
    from hierarchy.models.node import AnyNode

WAITING = "waiting"
ANSWERED = "answered"
ALL = "all"
SHOWN: Final[dict[str, object]] = {
    WAITING: _lazy("To answer"),
    ANSWERED: _lazy("Answered"),
    ALL: _lazy("All"),
}


@require_safe
def index(request: Request, **path: str) -> HttpResponse:
    """List the reviews of the node, the newest first."""
    node = _node(request, path)
    rows = AccessReview.objects.at(node).select_related("started_by")
    page = paging.page(request, rows, by=paging.NEWEST)
    is_open = AccessReview.objects.at(node).filter(state=ReviewState.OPEN).exists()
    may_start = may_review(request.user, node) and not is_open and not node.suspended_by
    return render(
        request,
        "console/access_reviews/index.html",
        node=node,
        section="access",
        page=page,
        may_start=may_start,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@once
def start(request: Request, **path: str) -> HttpResponse:
    """Start a review."""
    node = cast("Organization | Workspace", lookup.get_node(request.user, path, to=CHANGE_MEMBER))
    form = StartForm(request.POST or None)
    if form.is_valid():
        due_at = form.cleaned_data["due_at"]
        review = attempt(form, lambda: access_reviews.start(node, due_at=due_at, by=request.user))
        if review is not None:
            messages.success(request, _("The review has started."))
            return redirect(_url(review))
    return render(
        request, "console/access_reviews/start.html", node=node, section="access", form=form
    )


@require_safe
def detail(request: Request, pk: int, **path: str) -> HttpResponse:
    """Show the rows beside what is true now, and how far the review is."""
    review = _load(request, pk, path)
    waiting = review.count_unanswered()
    shown = request.GET.get("show", "")
    query = request.GET.get("q", "")[:100]
    if shown not in SHOWN:
        shown = WAITING if review.is_open and waiting else ALL
    page = paging.page(request, _rows(review, shown).named(query.split()), by=("person", "id"))
    rows = review_rows(request.user, review, page.rows)
    may_end = review.is_open and may_review(request.user, review.node)
    may_end = may_end and not review.node.suspended_by
    return render(
        request,
        "console/access_reviews/detail.html",
        node=review.node,
        section="access",
        review=review,
        waiting=waiting,
        answered=review.size - waiting,
        tabs=[
            (label, f"{_url(review)}?show={name}", name == shown) for name, label in SHOWN.items()
        ],
        shown=shown,
        query=query,
        clear_url=f"{_url(review)}?show={shown}" if query else "",
        page=page,
        rows=rows,
        # Also where only a later page, which joins this one, has rows to tick.
        may_keep=may_end and (not page.is_all or any(row.may_answer for row in rows)),
        may_end=may_end,
        files=_files(review) if review.is_finished else [],
    )


@require_POST
def keep(request: Request, pk: int, **path: str) -> HttpResponse:
    """Keep all members who are ticked as they are; say of whom that can't be, and keep nobody."""
    review = _load(request, pk, path, to=CHANGE_MEMBER)
    form = NoteForm(request.POST)
    versions = read_versions(request.POST.getlist("row"))
    if not form.is_valid():
        messages.error(request, _("The note is too long."))
        return redirect(_url(review))
    if not versions:
        messages.error(request, _("Select the members first."))
        return redirect(_url(review))
    rows = list(review.rows.filter(pk__in=versions))
    note = form.cleaned_data["note"]
    if len(rows) != len(versions):
        raise Http404
    outcomes = access_reviews.judge(review, rows, by=request.user, versions=versions)
    if review.is_open and any(outcome.problem for outcome in outcomes):
        return render(
            request,
            "console/access_reviews/keep.html",
            node=review.node,
            section="access",
            status=409 if any(outcome.is_stale for outcome in outcomes) else 200,
            review=review,
            lines=zip(review_rows(request.user, review, rows), outcomes, strict=True),
            number=len(rows),
            fine=[
                f"{outcome.row.pk}:{versions[outcome.row.pk]}"
                for outcome in outcomes
                if not outcome.problem
            ],
            refused=sum(1 for outcome in outcomes if outcome.problem),
            note=note,
        )
    done = _("Your answer has been recorded. Their access stays as it is.")
    attempt_with_message(
        request,
        lambda: access_reviews.keep(review, rows, by=request.user, versions=versions, note=note),
        done,
    )
    return redirect(_url(review))


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, pk: int, **path: str) -> HttpResponse:
    """Give the member of a row another role, at once."""
    row, membership = _load_row(request, pk, path)
    roles = access.roles_to_give(request.user, membership.node)
    initial = {"role": membership.given_role, "version": membership.shown_role}
    form = ChangeForm(request.POST or None, roles=roles, initial=initial)
    if form.is_valid():
        chosen = form.cleaned_data
        ask_password_for_owners(request, membership, chosen["role"])
        changed = attempt(form, lambda: access_reviews.change(row, by=request.user, **chosen))
        if changed:
            words = {"person": membership.user, "role": chosen["role"].label}
            messages.success(request, _("%(person)s now has the role %(role)s.") % words)
            return redirect(_url(row.review))
    return _dialog(
        request,
        "change",
        row.review,
        title=_("Role of %(person)s") % {"person": membership.user},
        row=row,
        membership=membership,
        form=form,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int, **path: str) -> HttpResponse:
    """End the membership of a row, and those beneath it, at once."""
    row, membership = _load_row(request, pk, path)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        ask_password_for_owners(request, membership)
        note = form.cleaned_data["note"]
        done = _("%(person)s is no longer a member.") % {"person": membership.user}
        attempt_with_message(
            request,
            lambda: access_reviews.remove(
                row, by=request.user, version=sent(request.POST), note=note
            ),
            done,
        )
        return redirect(_url(row.review))
    title = _("Remove %(person)s") % {"person": membership.user}
    more = consequences_of_removal(request.user, membership)
    return _dialog(
        request,
        "remove",
        row.review,
        title=title,
        row=row,
        membership=membership,
        form=form,
        **more,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: Request, pk: int, **path: str) -> HttpResponse:
    """Close the review for good."""
    review = _load(request, pk, path, to=CHANGE_MEMBER)
    if request.method == "POST":
        done = _("The review is finished. Here is the evidence.")
        press(request, access_reviews.finish, review, done)
        return redirect(_url(review))
    return _ending(request, "finish", review, title=_("Finish the review"))


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: Request, pk: int, **path: str) -> HttpResponse:
    """Give the review up."""
    review = _load(request, pk, path, to=CHANGE_MEMBER)
    if request.method == "POST":
        done = _("The review has been cancelled.")
        press(request, access_reviews.cancel, review, done)
        return redirect(_url(review))
    return _ending(request, "cancel", review, title=_("Cancel the review"))


@require_safe
def download(request: Request, pk: int, form: str, **path: str) -> StreamingHttpResponse:
    """Send the evidence of a finished review, as it is read, with its checksum in a header."""
    review = _load_finished(request, pk, form, path)
    if request.method == "GET":
        files_taken.note(
            "access_review.export",
            review.node,
            rows=review.size,
            form=FORMATS[form].label,
            by=request.user,
            target=review,
        )
    response = StreamingHttpResponse(
        review_files.lines(review, form), content_type=FORMATS[form].content_type
    )
    digest = b64encode(bytes.fromhex(_checksum(review, form))).decode()
    response["Repr-Digest"] = f"sha-256=:{digest}:"  # RFC 9530
    response["Content-Disposition"] = f'attachment; filename="{_file_name(review, form)}"'
    return response


@require_safe
def checksum(request: Request, pk: int, form: str, **path: str) -> HttpResponse:
    """Send the checksum of a file as `sha256sum --check` reads it."""
    review = _load_finished(request, pk, form, path)
    name = _file_name(review, form)
    response = HttpResponse(
        f"{_checksum(review, form)}  {name}\n", content_type="text/plain; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.sha256"'
    return response


# --- Finding -------------------------------------------------------------------------------------


def _node(request: Request, path: dict[str, str], to: ByLevel = VIEW_MEMBER) -> AnyNode:
    """Return the node for a person who sees the members of all that is beneath it."""
    node = lookup.get_node(request.user, path, to=to)
    held = access.held(request.user, node)
    for level in Level:
        if node.level.reaches(level) and VIEW_MEMBER[level] not in held:
            raise NotAllowed(VIEW_MEMBER[level], node)
    return node


def _load(
    request: Request, pk: int, path: dict[str, str], to: ByLevel = VIEW_MEMBER
) -> AccessReview:
    return lookup.load(AccessReview.objects.all(), pk, at=_node(request, path, to))


def _load_row(
    request: Request, pk: int, path: dict[str, str]
) -> tuple[AccessReviewRow, Membership]:
    """Return a row with its membership; 404 when that has ended, or is in the trash."""
    node = _node(request, path, to=CHANGE_MEMBER)
    rows = AccessReviewRow.objects.filter(review__in=AccessReview.objects.at(node))
    related = ("review__organization", "review__workspace__organization")
    row = get_object_or_404(rows.select_related(*related), pk=pk)
    members = Membership.objects.within(node).alive().select_related("user").with_nodes()
    return row, get_object_or_404(members, pk=row.membership_id)


def _load_finished(request: Request, pk: int, form: str, path: dict[str, str]) -> AccessReview:
    review = _load(request, pk, path)
    if form not in FORMATS or not review.is_finished:
        raise Http404
    return review


def _rows(review: AccessReview, shown: str) -> Any:
    if shown == WAITING:
        return review.unanswered()
    return review.answered() if shown == ANSWERED else review.rows.all()


# --- Showing -------------------------------------------------------------------------------------


def _url(review: AccessReview, name: str = "detail", **more: object) -> str:
    return node_url(review.node, f"access-review-{name}", pk=review.pk, **more)


def _checksum(review: AccessReview, form: str) -> str:
    return {"csv": review.csv_sha256, "jsonl": review.jsonl_sha256}[form]


def _file_name(review: AccessReview, form: str) -> str:
    return f"access-review-{'-'.join(review.node.slugs.values())}-{review.pk}.{form}"


def _files(review: AccessReview) -> list[dict[str, str]]:
    return [
        {
            "label": form.label,
            "url": _url(review, "evidence", form=name),
            "checksum": _checksum(review, name),
            "checksum_url": _url(review, "checksum", form=name),
        }
        for name, form in FORMATS.items()
    ]


def _ending(request: Request, name: str, review: AccessReview, *, title: str) -> HttpResponse:
    shown = access_reviews.shown_to_end(review)
    waiting = shown.values["unanswered"]
    return _dialog(request, name, review, title=title, shown=shown, waiting=waiting)


def _dialog(
    request: Request, name: str, review: AccessReview, *, title: str, **context: Any
) -> HttpResponse:
    return dialog(
        request,
        f"access_reviews/{name}",
        review.node,
        title=title,
        section="access",
        back_url=_url(review),
        review=review,
        **context,
    )
