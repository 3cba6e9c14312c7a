"""People and their accounts: the e-mail address is the login."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.emails import canonical_email

if TYPE_CHECKING:
    from allauth.account.models import EmailAddress

# Never deliverable (RFC 2606): what becomes of the address of an account that was closed.
NOWHERE = "closed-account.invalid"


class Theme(models.TextChoices):
    AUTO = "auto", _("Same as device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class UserManager(BaseUserManager["User"]):
    """Creates people under the canonical form of their address."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=canonical_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        """Create a member of the staff whose address needs no proof: it comes from the operator."""
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        addresses = user.emailaddress_set  # type: ignore[attr-defined]  # allauth's model
        addresses.create(email=user.email, verified=True, primary=True)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        try:
            return self.get(email=canonical_email(username or ""))
        except ValidationError:
            raise self.model.DoesNotExist from None


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can sign in."""

    email = models.EmailField(_("e-mail"), unique=True)
    first_name = models.CharField(_("first name"), max_length=60, blank=True)
    last_name = models.CharField(_("last name"), max_length=60, blank=True)
    avatar = models.ImageField(_("picture"), upload_to="avatars/", blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    is_staff = models.BooleanField(
        _("staff"), default=False, help_text=_("Can open the admin console.")
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Inactive accounts can't sign in.")
    )
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    # See `former_addresses`.
    former_address_hashes = ArrayField(
        models.CharField(max_length=64), default=list, db_default=[], editable=False
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("email",)
        constraints = (
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_canonical"),
        )
        indexes = (
            models.Index(
                OpClass(Lower("first_name"), "text_pattern_ops"), name="accounts_user_first_name"
            ),
            models.Index(
                OpClass(Lower("last_name"), "text_pattern_ops"), name="accounts_user_last_name"
            ),
            models.Index(
                fields=("avatar",), condition=~models.Q(avatar=""), name="accounts_user_avatar"
            ),
            GinIndex(fields=("former_address_hashes",), name="accounts_user_former_address"),
        )

    def verified_addresses(self) -> models.QuerySet[EmailAddress]:
        """Return the addresses that are proved to be the person's."""
        return self.emailaddress_set.filter(verified=True)  # type: ignore[attr-defined,no-any-return]

    def __str__(self) -> str:
        return gettext("A closed account") if self.is_closed else self.get_full_name() or self.email

    @property
    def is_closed(self) -> bool:
        """True if the account was closed, so that nothing says whose it was."""
        return self.email.endswith(f"@{NOWHERE}")

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email.partition("@")[0]

    @property
    def known_language(self) -> str:
        """The language that was chosen, if it is still offered."""
        is_offered = self.language in dict(settings.LANGUAGES)
        return self.language if is_offered else settings.LANGUAGE_CODE

    @property
    def avatar_url(self) -> str:
        """Address of the picture, which is served to signed-in people only; "" without one."""
        if not self.avatar:
            return ""
        return reverse("accounts:avatar", kwargs={"stem": PurePath(str(self.avatar.name)).stem})

    @property
    def initials(self) -> str:
        """One or two letters to show where there is no picture."""
        letters = [name[0] for name in (self.first_name, self.last_name) if name]
        return "".join(letters or self.email[:1]).upper()
