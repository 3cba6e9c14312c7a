"""What we change in django-allauth's second factors: secrets are encrypted, passkeys named."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User

PURPOSE = "accounts.second_factor"
NAME = "Canopy"


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Called by allauth.mfa wherever it lets a project decide."""

    def encrypt(self, text: str) -> str:
        """Return what the database gets: a copy of it is worth nothing without the SECRET_KEY."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text).decode()

    def get_totp_issuer(self) -> str:
        return NAME

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": NAME}

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - theirs
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number} if number > 1 else _("Passkey")


def _cipher() -> MultiFernet:
    """Encrypt with the present SECRET_KEY; read what any of its predecessors has encrypted."""
    return MultiFernet(
        [_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _fernet(secret_key: str) -> Fernet:
    digest = salted_hmac(PURPOSE, "", secret=secret_key, algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(digest))
