"""Changes to django-allauth's second factors: secrets are sealed, passkeys are named."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.sealing import seal, unseal

NAME = "Canopy"
SEALED = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


class SecondFactorAdapter(DefaultMFAAdapter):
    """Called by allauth.mfa wherever it lets a project decide."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return NAME

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": NAME}

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - theirs
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number} if number > 1 else _("Passkey")


def sealed_factors() -> QuerySet[Authenticator]:
    """Return the second factors that keep a secret."""
    return Authenticator.objects.filter(type__in=SEALED).order_by("pk")  # type: ignore[no-any-return]


@transaction.atomic
def reseal(pk: int) -> bool:
    """Seal one factor with the present SECRET_KEY; return whether it is still there."""
    factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if factor is None:
        return False
    name = SEALED[factor.type]
    factor.data[name] = seal(unseal(factor.data[name]))
    factor.save(update_fields=["data"])
    return True
