"""Asking the DNS for TXT records, within a time that a page can wait."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from dns.exception import DNSException
from dns.name import LabelTooLong, NameTooLong
from dns.nameserver import Do53Nameserver
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

DNS_PORT = 53


class NotThere(Exception):  # noqa: N818 - it is what the DNS says
    """There is no such name, or it has no TXT record."""


class NoReply(Exception):  # noqa: N818 - it is what happened
    """The name servers failed, or did not answer in time."""


def look_up(name: str) -> list[str]:
    """Return what the TXT records at `name` say; raise NotThere or NoReply.

    Takes no longer than DNS_TIMEOUT_SECONDS, and asks DNS_RESOLVERS, or those of this machine
    if there aren't any. A record of several strings is read as one (RFC 7208, 3.3).
    """
    try:
        answer = _resolver().resolve(name, "TXT", search=False)
    except (NXDOMAIN, NoAnswer, LabelTooLong, NameTooLong) as error:
        raise NotThere(name) from error
    except DNSException as error:
        raise NoReply(name) from error
    return [b"".join(record.strings).decode(errors="replace") for record in answer]


def _resolver() -> Resolver:
    resolver = Resolver(configure=not settings.DNS_RESOLVERS)
    if settings.DNS_RESOLVERS:
        resolver.nameservers = [_nameserver(server) for server in settings.DNS_RESOLVERS]
    resolver.lifetime = settings.DNS_TIMEOUT_SECONDS
    return resolver


def _nameserver(server: str) -> Do53Nameserver:
    parts = urlsplit(f"//{server}")
    return Do53Nameserver(parts.hostname or "", parts.port or DNS_PORT)
