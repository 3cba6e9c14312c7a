"""Closing one's account: the one page of an account that concerns the tree."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hierarchy.console.views.pages import Request, ask_password_again, attempt, render
from hierarchy.members.actions import accounts, owners
from hierarchy.members.forms.accounts import CloseAccountForm


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: Request) -> HttpResponse:
    """Name what would lose its last owner, or else close the account and say good-bye."""
    ask_password_again(request)
    user = request.user
    sole_owned = owners.sole_owned(user)
    shown = accounts.shown_to_close(user)
    form = CloseAccountForm(request.POST or None, email=user.email, initial={"version": shown})
    if form.is_valid() and not sole_owned and _close(request, form):
        messages.success(request, _("Your account has been closed. Goodbye, and thank you."))
        return redirect("console:home")
    return render(
        request,
        "console/accounts/close.html",
        form=form,
        sole_owned=sole_owned,
        memberships=shown.values["memberships"],
    )


def _close(request: Request, form: CloseAccountForm) -> bool:
    """Close the account and end the session, unless the action refuses."""
    attempt(form, lambda: accounts.close(request.user, version=form.cleaned_data["version"]))
    if form.errors or form.stale:
        return False
    logout(request)
    return True
