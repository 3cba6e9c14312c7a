"""Changes to django-allauth: who can sign up, where people go next, how e-mails leave."""

from __future__ import annotations

from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.signing import b62_decode
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import mails
from accounts.emails import canonical_email
from accounts.models import User
from config import clock, staff_proof
from config.web.request_context import client_address
from config.web.session_life import signed_in_long_ago

# What a page that leads here may leave in the session until the person has signed in.
INVITED_EMAIL: Final = "invited_email"  # the only address that may sign up
VERIFIED_EMAIL: Final = "account_verified_email"  # allauth's: an address that needs no code
AFTER_SIGN_IN: Final = "after_sign_in"  # where to go then, a path of ours

LONGEST_PASSWORD = 128


def forget_sign_up(request: HttpRequest) -> None:
    """Take out of the session what a page has left there for signing up and in."""
    for key in (INVITED_EMAIL, VERIFIED_EMAIL, AFTER_SIGN_IN):
        request.session.pop(key, None)


class AccountAdapter(DefaultAccountAdapter):
    """Called by allauth wherever it lets a project decide."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("Incorrect e-mail address or password."),
        "too_many_login_attempts": _(
            "Too many failed attempts. Wait half an hour, or reset your password."
        ),
    }

    # --- Signing up -----------------------------------------------------------------------------

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Let invited people in, and everyone where signing up is open and codes can be mailed."""
        is_open = settings.SIGNUP == "open" and settings.MAIL_ENABLED
        return is_open or INVITED_EMAIL in request.session

    def new_user(self, request: HttpRequest) -> User:
        return User(language=get_language() or settings.LANGUAGE_CODE)

    def clean_email(self, email: str) -> str:
        return canonical_email(email)

    def clean_password(self, password: str, user: User | None = None) -> str:
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(_("Use at most 128 characters."), code="password_too_long")
        return str(super().clean_password(password, user))

    # --- Signing in -----------------------------------------------------------------------------

    def post_login(self, request: HttpRequest, user: User, **kwargs: object) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        forget_sign_up(request)
        return response

    def reauthenticate(self, user: User, password: str) -> bool:
        """Compare apart from the limit of the sign-in page, where strangers can use it up."""
        return user.check_password(password)

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """Ask for the password again only when the sign-in itself is older than the limit."""
        return signed_in_long_ago(self.request)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        """Offer only second factors to a person who wants into the admin and has one."""
        ways: list[dict[str, str]] = super().get_reauthentication_methods(user)
        factors = [way for way in ways if way["id"] != staff_proof.PASSWORD]
        return factors if factors and staff_proof.takes_no_password(self.request) else ways

    def get_client_ip(self, request: HttpRequest) -> str:
        address = client_address(request)
        if not address:
            raise PermissionDenied
        return address

    # --- Where one goes -------------------------------------------------------------------------

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        path = request.session.get(AFTER_SIGN_IN, "")
        if path and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
            return str(path)
        return str(super().get_login_redirect_url(request))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_email_verification_redirect_url(self, email_address: object) -> str:
        return reverse("account_email")

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Confirm an address, but not by a link that is dated ahead of every clock of ours.

        Where codes are mailed there are no such links.
        """
        match = request.resolver_match
        if match and match.url_name == "account_confirm_email":
            made_at = b62_decode(match.kwargs["key"].split(":")[-2])
            if clock.is_ahead(made_at):
                raise Http404
        return bool(super().confirm_email(request, email_address))

    # --- Mails ----------------------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        mails.queue(template_prefix, email, context)

    def send_account_already_exists_mail(self, email: str) -> None:
        link = settings.BASE_URL + reverse("account_reset_password")
        self.send_mail("account/email/account_already_exists", email, {"password_reset_url": link})
