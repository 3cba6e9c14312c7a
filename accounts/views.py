"""The profile, devices, and the pictures of people."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import ProfileForm
from accounts.models import User
from accounts.navigation import of_account

KEPT_SECONDS = 60 * 60 * 24


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change what the person says of themselves."""
    rows = User.objects.all()
    if request.method == "POST":  # of two tabs the second waits, and then sees what the first did
        rows = rows.select_for_update(no_key=True)
    user = get_object_or_404(rows, pk=request.user.pk)
    former_avatar = user.avatar.name
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ProfileForm(*sent, instance=user)
    if form.is_valid() and form.is_current():
        form.save()
        if former_avatar and former_avatar != user.avatar.name:
            storage = user.avatar.storage
            transaction.on_commit(lambda: storage.delete(former_avatar))
        changes = " ".join(form.changes()) or _("There were no changes to save.")
        messages.success(request, changes)
        return redirect("accounts:profile")
    status = 422 if form.is_bound else 200
    if form.versions is not None:
        status = 409
    context = {"form": form, "node": None, "navigation": of_account(request)}
    return render(request, "console/accounts/profile.html", context, status=status)


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one of the person's other devices out."""
    others = UserSession.objects.exclude(session_key=request.session.session_key)
    get_object_or_404(others, pk=pk, user=request.user).end()
    messages.success(request, _("The device has been signed out."))
    return redirect("usersessions_list")


@require_safe
def avatar(request: HttpRequest, stem: str) -> FileResponse:
    """Send someone's picture to anyone who is signed in, as a picture and nothing else.

    The random name is the secret that members of the same organization come to know.
    """
    user = get_object_or_404(User, avatar=f"avatars/{stem}.webp", is_active=True)
    try:
        response = FileResponse(user.avatar.open("rb"), content_type="image/webp")
    except FileNotFoundError:
        raise Http404 from None
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return response
