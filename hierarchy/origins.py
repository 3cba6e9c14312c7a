"""Web origins: parse what people paste, bring it to one form, match requests against it.

An origin is scheme, host and port (RFC 6454). Hosts are compared as ASCII (RFC 5891); public
suffixes come from the Public Suffix List, its private section included.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from publicsuffixlist import PublicSuffixList

from config import domains

DEFAULT_PORTS = {"https": 443, "http": 80}
NO_PORT = 0  # a port to urlsplit, but none that anything listens on
LOOPBACK_NAMES = {"localhost"}
# urlsplit drops these silently: "https://example.com\n.evil" would read as example.com.evil.
FORBIDDEN_CHARACTERS = re.compile(r"[\x00-\x20\x7f-\xa0\\]")


@dataclass(frozen=True)
class OriginRule:
    """A trusted origin in canonical form. `port` None is the scheme's own port."""

    host: str
    port: int | None = None
    include_subdomains: bool = False
    allow_insecure: bool = False

    def __str__(self) -> str:
        prefix = "*." if self.include_subdomains else ""
        return f"{prefix}{display_host(self.host)}{f':{self.port}' if self.port else ''}"

    def matches(self, origin: str | None) -> bool:
        """Return whether a request's Origin header is trusted by this rule.

        The host must be equal, or end in "." + host where subdomains are included. What is absent,
        "null", double or can't be parsed never matches.
        """
        parsed = parse_origin_header(origin)
        if parsed is None:
            return False
        scheme, host, port = parsed
        if scheme == "http" and not self.allow_insecure:
            return False
        if port != (self.port or DEFAULT_PORTS[scheme]):
            return False
        if self.include_subdomains:
            return host.endswith(f".{self.host}")
        return host == self.host


def parse_rule(
    text: str, *, include_subdomains: bool = False, allow_insecure: bool = False
) -> OriginRule:
    """Return the rule that a person means by `text`: a host, a host with port, or a pasted URL.

    A leading "*." means subdomains. Raises ValidationError with what is wrong: another scheme than
    http or https, user information, a path, a wildcard inside, a public or shared hosting suffix.
    """
    text = text.strip()
    if not text or FORBIDDEN_CHARACTERS.search(text):
        raise ValidationError(_("Enter a host such as app.example.com, without spaces."))
    if "://" in text:
        scheme, _separator, text = text.partition("://")
        if scheme.lower() not in DEFAULT_PORTS:
            raise ValidationError(_("Only http and https origins can be trusted."))
        allow_insecure = allow_insecure or scheme.lower() == "http"
    if text.startswith("*."):
        text = text[2:]
        include_subdomains = True
    host, port = _split(text.rstrip("/"))
    host = canonical_host(host)
    if include_subdomains and _is_address(host):
        raise ValidationError(_("An IP address has no subdomains."))
    if is_public_suffix(host):
        raise ValidationError(
            _("%(host)s is shared by many owners. Enter your own host under it."),
            params={"host": host},
        )
    if port == DEFAULT_PORTS["http" if allow_insecure else "https"]:
        port = None
    return OriginRule(host, port, include_subdomains, allow_insecure)


def canonical_host(host: str) -> str:
    """Return `host` in lower case, as an ASCII name without a trailing dot or as an IP literal."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return _canonical_name(host)
    return f"[{address}]" if address.version == 6 else str(address)


def display_host(host: str) -> str:
    """Return a canonical host as people read it, unless that could be mistaken for another."""
    shown = domains.readable(host)
    return f"{shown} ({host})" if shown != host else host


def is_loopback(host: str) -> bool:
    """Return whether a canonical host is this machine itself."""
    if host in LOOPBACK_NAMES or host.endswith(".localhost"):
        return True
    return _is_address(host) and ipaddress.ip_address(host.strip("[]")).is_loopback


def is_public_suffix(host: str) -> bool:
    """Return whether unrelated people can register names under `host` (co.uk, github.io)."""
    if _is_address(host) or host in LOOPBACK_NAMES:
        return False
    return _suffixes().privatesuffix(host) is None


def registrable_domain(host: str) -> str | None:
    """Return the domain that one owner registered and `host` belongs to, or None."""
    return None if _is_address(host) else _suffixes().privatesuffix(host)


def parse_origin_header(origin: str | None) -> tuple[str, str, int] | None:
    """Return scheme, canonical host and port of an Origin header, or None when it is not one."""
    if not origin or FORBIDDEN_CHARACTERS.search(origin) or "," in origin:
        return None
    try:
        parts = urlsplit(origin)
        port = parts.port
        host = canonical_host(parts.hostname or "")
    except (ValueError, ValidationError):
        return None
    if parts.scheme not in DEFAULT_PORTS or origin != f"{parts.scheme}://{parts.netloc}":
        return None
    if "@" in parts.netloc or parts.netloc.endswith(":") or (parts.hostname or "").endswith("."):
        return None
    if port == NO_PORT:
        return None
    return parts.scheme, host, port or DEFAULT_PORTS[parts.scheme]


def _split(text: str) -> tuple[str, int | None]:
    if "@" in text:
        raise ValidationError(_("Leave out the username."))
    if re.search(r"[/?#]", text):
        raise ValidationError(_("Leave out the path: an origin is a host and a port."))
    if "*" in text:
        raise ValidationError(_("A wildcard can only be at the start, as in *.example.com."))
    try:
        parts = urlsplit(f"//{text}")
        port = parts.port
    except ValueError:
        port = NO_PORT
    if port == NO_PORT:
        raise ValidationError(_("Enter a host and a port from 1 to 65535."))
    return parts.hostname or "", port


def _canonical_name(host: str) -> str:
    try:
        name = domains.to_ascii(host)
    except ValueError:
        raise ValidationError(_("“%(host)s” isn't a valid host."), params={"host": host}) from None
    if name.rpartition(".")[2].isdigit():
        raise ValidationError(_("“%(host)s” isn't a valid host."), params={"host": host})
    return name


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
