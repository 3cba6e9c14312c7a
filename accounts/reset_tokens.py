"""Links that set a new password."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse

from accounts.models import User


class ResetTokens(PasswordResetTokenGenerator):
    """Django's, which die with the password and the address; ours die with the account as well."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.is_active}"


def link_for(user: User) -> str:
    """Return the link under BASE_URL: no request has a say in what a mail leads to."""
    token = {"uidb36": user_pk_to_url_str(user), "key": ResetTokens().make_token(user)}
    return str(settings.BASE_URL) + reverse("account_reset_password_from_key", kwargs=token)
