"""What we change in django-allauth: who may sign up, where one goes then, how mails leave."""

from __future__ import annotations

import time
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts import tasks
from accounts.emails import canonical_email
from accounts.models import User
from config.request_context import client_address
from config.session_life import SIGNED_IN_AT

# What a page that leads here may leave in the session.
INVITED_EMAIL: Final = "invited_email"  # the only address that may sign up
AFTER_SIGN_IN: Final = "after_sign_in"  # where to go then, a path of ours

LONGEST_PASSWORD = 128

# Links that allauth builds from what the request says of its host.
_LINKS: Final = {"signup_url": "account_signup", "password_reset_url": "account_reset_password"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Called by allauth wherever it lets a project decide."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGNUP == "open" or INVITED_EMAIL in request.session

    def clean_email(self, email: str) -> str:
        return canonical_email(email)

    def clean_password(self, password: str, user: User | None = None) -> str:
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(_("Use at most 128 characters."), code="password_too_long")
        return str(super().clean_password(password, user))

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again only when the sign-in itself is older than the limit."""
        age = time.time() - self.request.session.get(SIGNED_IN_AT, 0)
        return bool(age > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)

    def get_client_ip(self, request: HttpRequest) -> str:
        address = client_address(request)
        if not address:
            raise PermissionDenied
        return address

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        request.session.pop(INVITED_EMAIL, None)
        path = request.session.pop(AFTER_SIGN_IN, "")
        if path and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
            return str(path)
        return str(super().get_login_redirect_url(request))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        if self.request.user.is_authenticated:
            return self.get_login_redirect_url(self.request)
        return str(super().get_email_verification_redirect_url(email_address))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Build the link from BASE_URL: what a request says of its host must not get into mails."""
        uid, _separator, rest = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": rest})
        return str(settings.BASE_URL) + path

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Leave the mail to the worker: a page neither fails nor takes longer for it."""
        known = {"email": email, "base_url": settings.BASE_URL, **context}
        for name, page in _LINKS.items():
            if name in known and not known[name].startswith(settings.BASE_URL):
                known[name] = settings.BASE_URL + reverse(page)
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", known).split())
        text = render_to_string(f"{template_prefix}_message.txt", known).strip()
        html = render_to_string("account/email/page.html", {"subject": subject, "text": text})
        tasks.send_mail.defer(recipient=email, subject=subject, text=text, html=html)
