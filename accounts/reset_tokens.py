"""Links that set a new password."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.http import base36_to_int

from accounts.models import User
from config import clock


class ResetTokens(PasswordResetTokenGenerator):
    """Django's, which die with the password and the address; ours die with the account as well.

    One that is dated ahead of every clock of ours would be valid for longer than an hour: Django
    takes it, we don't.
    """

    def check_token(self, user: Any, token: str | None) -> bool:
        if not token or not super().check_token(user, token):
            return False
        made_at = base36_to_int(token.partition("-")[0])
        return made_at <= self._num_seconds(self._now() + clock.MOST_APART)

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.is_active}"


def link_for(user: User) -> str:
    """Return the link under BASE_URL: no request has a say in what a mail leads to."""
    token = {"uidb36": user_pk_to_url_str(user), "key": ResetTokens().make_token(user)}
    return str(settings.BASE_URL) + reverse("account_reset_password_from_key", kwargs=token)
