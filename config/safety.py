"""Configuration that must not be started, and for each problem the variable to change and how."""

from __future__ import annotations

import ipaddress
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import tzdata
from django.conf import LazySettings, settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET_KEY = 50
FEWEST_DISTINCT_CHARACTERS = 10
HOW_TO_MAKE_A_KEY = (
    "set SECRET_KEY to the output of `python3 -c 'import secrets;"
    " print(secrets.token_urlsafe(64))'`"
)


class UnsafeConfigurationError(RuntimeError):
    """The installation must not serve anyone as it is configured; the message lists why.

    A RuntimeError, because that is what gunicorn prints as a plain message before it ends.
    """


def refuse_unsafe_configuration() -> None:
    """Raise UnsafeConfigurationError, which names all problems at once, if there is any."""
    if found := problems(settings):
        lines = "\n".join(f"  - {problem}" for problem in found)
        raise UnsafeConfigurationError(f"Canopy can't start with this configuration:\n{lines}")


def problems(conf: LazySettings) -> list[str]:
    """Return a sentence for each thing that makes `conf` unfit to serve people."""
    found = [*_rule_problems(conf), *_host_problems(conf)]
    if conf.DEBUG:
        return found
    return [*found, *_secret_key_problems(conf), *_database_problems(conf)]


@checks.register(checks.Tags.security, deploy=True)
def check_safety(**_kwargs: object) -> list[checks.CheckMessage]:
    return [checks.Error(problem, id="canopy.E001") for problem in problems(settings)]


@checks.register(deploy=True)
def check_zone_data(today: date | None = None, **_kwargs: object) -> list[checks.CheckMessage]:
    """Warn when governments have probably changed their clocks since the zone data were made."""
    version = tzdata.IANA_VERSION
    today = today or datetime.now(UTC).date()
    if today < date(int(version[:4]) + 1, 7, 1):
        return []
    sentence = f"The time zone data is from release {version}."
    hint = "Refresh the locked requirements (make lock), so that access starts and ends on time."
    return [checks.Warning(sentence, hint=hint, id="canopy.W001")]


def _rule_problems(conf: LazySettings) -> list[str]:
    found = []
    if conf.SIGNUP not in ("open", "invited"):
        found.append('SIGNUP has an unknown value: set it to "open" or "invited".')
    if not 1 <= conf.RECOVERY_DAYS <= 30:
        found.append("RECOVERY_DAYS is out of range: set it to a number from 1 to 30.")
    if conf.KEEP_DAYS < 1:
        found.append("KEEP_DAYS is too small: set it to at least 1 (day).")
    if not 1 <= conf.INVITATION_DAYS <= 30:
        found.append("INVITATION_DAYS is out of range: set it to a number from 1 to 30.")
    return found


def _host_problems(conf: LazySettings) -> list[str]:
    host = urlsplit(conf.BASE_URL).hostname or ""
    public = sorted({name for name in [host, *conf.ALLOWED_HOSTS] if is_public(name)})
    found = []
    if conf.DEBUG and public:
        found.append(
            f"DEBUG is on for the public host {', '.join(public)}: set DEBUG=false,"
            " because its pages show code and settings to everyone."
        )
    if any(name == "*" or name.startswith(".") for name in conf.ALLOWED_HOSTS):
        found.append(
            "ALLOWED_HOSTS has a wildcard: name each host exactly, for example"
            " ALLOWED_HOSTS=canopy.example.com."
        )
    if not conf.DEBUG and not conf.HTTPS and is_public(host):
        found.append(
            f"BASE_URL is http:// for the public host {host}: serve it over HTTPS and set"
            f" BASE_URL=https://{host}."
        )
    return found


def _secret_key_problems(conf: LazySettings) -> list[str]:
    try:
        key = conf.SECRET_KEY
    except ImproperlyConfigured:  # Django's answer to an empty one
        key = ""
    if not key:
        return [f"SECRET_KEY is missing: {HOW_TO_MAKE_A_KEY}."]
    if (
        len(key) < SHORTEST_SECRET_KEY
        or len(set(key)) < FEWEST_DISTINCT_CHARACTERS
        or key.startswith("django-insecure")
    ):
        return [f"SECRET_KEY is weak: {HOW_TO_MAKE_A_KEY}."]
    return []


def _database_problems(conf: LazySettings) -> list[str]:
    if conf.USES_EMBEDDED_POSTGRES and not conf.EMBEDDED_POSTGRES_ALLOWED:
        return [
            "DATABASE_URL is missing: set it to your PostgreSQL server, for example"
            " postgresql://canopy:password@localhost/canopy, or set EMBEDDED_POSTGRES=1 to use"
            " the embedded one."
        ]
    return []


def is_public(host: str) -> bool:
    """Return whether strangers may reach `host`: not this machine, nor a private network."""
    name = host.strip("[]").lower().strip(".")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        local = ("localhost", "test", "internal", "local", "lan")
        return "." in name and name.rpartition(".")[2] not in local
    return address.is_global
