"""Web origins: parse what people paste, bring it to one form, match requests against it.

An origin is scheme, host and port (RFC 6454). A host is what a browser makes of it (WHATWG URL, by
the library Ada), not what registrars sell: labels with an underscore, symbols, names without a dot.
Applications on phones and desktops send the origin of the shell that they run in, such as
`capacitor://localhost`: its scheme is theirs alone, and it has neither port nor subdomains.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from ada_url import URL
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config import domains
from hierarchy.shared_hosts import is_above_shared, is_among_regions, is_shared

DEFAULT_PORTS: Final = {"https": 443, "http": 80}
NO_PORT: Final = 0
LAST_PORT: Final = 65535
PORT: Final = re.compile(r"0*[1-9][0-9]{0,4}", re.ASCII)
LONGEST_LABEL: Final = 63
LONGEST_SCHEME: Final = 100  # many are the name of a package, such as com.example.app
LOOPBACK_NAMES: Final = {"localhost"}
# What a browser may show, but no shell of an application: pages there have no origin, or "null".
WITHOUT_ORIGIN: Final = frozenset(
    {
        "about",
        "blob",
        "content",
        "data",
        "file",
        "filesystem",
        "javascript",
        "mailto",
        "view-source",
    }
)
# Of these a page can open a connection, but none is ever sent as the origin of a page.
NOT_OF_PAGES: Final = {"ws": "http", "wss": "https", "ftp": ""}
# Parsers drop these silently: "https://example.com\n.evil" would read as example.com.evil.
FORBIDDEN_CHARACTERS: Final = re.compile(r"[\x00-\x20\x7f-\xa0\\]")
SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)
SHELL_HOST: Final = re.compile(r"[a-z0-9_.-]+")
QUOTES: Final = "\"'`<>“”«»\u2018\u2019"
BETWEEN_ORIGINS: Final = re.compile(r"[\r\n,;]+")


@dataclass(frozen=True)
class OriginRule:
    """A trusted origin in canonical form.

    `port` None is the scheme's own port. `scheme` is that of an application's shell; "" is a web
    page's: https, and http where `allow_insecure`.
    """

    host: str
    port: int | None = None
    include_subdomains: bool = False
    allow_insecure: bool = False
    scheme: str = ""

    def __str__(self) -> str:
        if self.scheme:
            return f"{self.scheme}://{self.host}"
        prefix = "*." if self.include_subdomains else ""
        return f"{prefix}{display_host(self.host)}{f':{self.port}' if self.port else ''}"

    @property
    def typed(self) -> str:
        """The text that means this rule, together with its two flags."""
        scheme = f"{self.scheme}://" if self.scheme else ""
        return f"{scheme}{self.host}{f':{self.port}' if self.port else ''}"

    def matches(self, origin: str | None) -> bool:
        """Return whether a request's Origin header is trusted by this rule.

        The host must be equal, or end in "." + host where subdomains are included. What is absent,
        "null", double or can't be parsed never matches.
        """
        parsed = parse_origin_header(origin)
        if parsed is None:
            return False
        scheme, host, port = parsed
        if scheme not in DEFAULT_PORTS or self.scheme:
            return (scheme, host) == (self.scheme, self.host)
        if scheme == "http" and not self.allow_insecure:
            return False
        if port != (self.port or DEFAULT_PORTS[scheme]):
            return False
        if self.include_subdomains:
            return host.endswith(f".{self.host}")
        return host == self.host


@dataclass(frozen=True)
class Pasted:
    """A rule as a person has written it, and the part of the text that no origin has.

    Of `https://app.example.com/login?next=/` that part is `/login?next=/`; of most texts it is "".
    """

    rule: OriginRule
    left_out: str = ""


def split_list(text: str) -> list[str]:
    """Return the single origins of a pasted list, each once: a line each, or with commas between.

    A blank parts none: it is a slip of the keyboard, and what follows may be a stranger's domain.
    """
    parts = (part.strip() for part in BETWEEN_ORIGINS.split(text))
    return list(dict.fromkeys(part for part in parts if part.strip(QUOTES)))


def parse_rule(
    text: str, *, include_subdomains: bool = False, allow_insecure: bool = False
) -> OriginRule:
    """Return the rule that a person means by `text`, as `parse_pasted` reads it."""
    return parse_pasted(
        text, include_subdomains=include_subdomains, allow_insecure=allow_insecure
    ).rule


def parse_pasted(
    text: str, *, include_subdomains: bool = False, allow_insecure: bool = False
) -> Pasted:
    """Return what a person means by `text`: a host, one with its port, a URL, a shell's origin.

    A leading "*." means subdomains. Raises ValidationError with the reason: no origin is ever sent
    from there, user information, a wildcard inside, a port or a host that can't be, a host that
    many owners share.
    """
    text = text.strip().strip(QUOTES).strip()
    if not text or FORBIDDEN_CHARACTERS.search(text):
        raise ValidationError(_("Enter a host such as app.example.com, without spaces."))
    _refuse_null(text)
    if "," in text:
        raise ValidationError(_("Enter one origin here, without a comma."))
    scheme, rest = _split_scheme(text)
    if scheme not in ("", *DEFAULT_PORTS):
        return Pasted(*_shell_rule(scheme, rest))
    if rest.startswith("*."):
        rest = rest[2:]
        include_subdomains = True
    allow_insecure = allow_insecure or scheme == "http"
    host, port, left_out = _split_address(rest)
    if is_shared(host):
        sentence = _("%(host)s is shared by many owners. Enter your own host under it.")
        raise ValidationError(sentence, params={"host": host})
    if include_subdomains:
        _refuse_subdomains(host)
    if port == DEFAULT_PORTS["http" if allow_insecure else "https"]:
        port = None
    return Pasted(OriginRule(host, port, include_subdomains, allow_insecure), left_out)


def canonical_host(host: str) -> str:
    """Return `host` as a browser writes it: in lower case and ASCII, or as the literal of an IP.

    A dot at its end is cut. Raises ValidationError for what no browser opens.
    """
    bare = host.strip("[]")
    written = f"[{bare}]" if ":" in bare else host
    try:
        name = URL(f"http://{written}/").hostname.removesuffix(".")
    except ValueError:
        name = ""
    if not name or name.startswith(".") or ".." in name or "," in name or "*" in name:
        raise ValidationError(_("“%(host)s” isn't a valid host."), params={"host": host})
    too_long = [label for label in name.split(".") if len(label) > LONGEST_LABEL]
    if not is_address(name) and (too_long or len(name) > domains.LONGEST):
        sentence = _("That host is too long: each part can have up to 63 characters, all 253.")
        raise ValidationError(sentence)
    return name


def display_host(host: str) -> str:
    """Return a canonical host as people read it, unless that could be mistaken for another."""
    shown = domains.readable(host)
    return f"{shown} ({host})" if shown != host else host


def is_loopback(host: str) -> bool:
    """Return whether a canonical host is this machine itself."""
    if host in LOOPBACK_NAMES or host.endswith(".localhost"):
        return True
    return is_address(host) and ipaddress.ip_address(host.strip("[]")).is_loopback


def is_within_network(host: str) -> bool:
    """Return whether a canonical host means something only in one network: it has no dot."""
    return "." not in host and not is_address(host) and host not in LOOPBACK_NAMES


def is_address(host: str) -> bool:
    """Return whether a host is the literal of an IP address."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def origin_of(text: str) -> str:
    """Return the origin that browsers send from a pasted address; without a scheme https is meant.

    Raises ValidationError with the reason where none is sent.
    """
    text = text.strip().strip(QUOTES).strip()
    if not text or FORBIDDEN_CHARACTERS.search(text):
        raise ValidationError(_("This isn't an origin. Enter a host or a URL."))
    _refuse_null(text)
    scheme, rest = _split_scheme(text)
    if scheme not in ("", *DEFAULT_PORTS):
        return str(_shell_rule(scheme, rest)[0])
    host, port, _left_out = _split_address(rest.rpartition("@")[2])
    scheme = scheme or "https"
    return f"{scheme}://{host}" + (f":{port}" if port not in (None, DEFAULT_PORTS[scheme]) else "")


def parse_origin_header(origin: str | None) -> tuple[str, str, int] | None:
    """Return scheme, canonical host and port of an Origin header, or None when it is not one.

    The port is 0 where the scheme has none, since it is that of a shell.
    """
    if not origin or not origin.isascii() or FORBIDDEN_CHARACTERS.search(origin):
        return None
    scheme, separator, rest = origin.lower().partition("://")
    if not separator or not SCHEME.fullmatch(scheme) or scheme in WITHOUT_ORIGIN:
        return None
    if scheme not in DEFAULT_PORTS:
        return (scheme, rest, 0) if SHELL_HOST.fullmatch(rest) else None
    try:
        host, port, _left_out = _split_address(rest)
    except ValidationError:
        return None
    if rest not in (host, f"{host}:{port}"):  # a path, user information, a dot at the end …
        return None
    return scheme, host, port or DEFAULT_PORTS[scheme]


def _refuse_null(text: str) -> None:
    if text.lower() == "null":
        raise ValidationError(
            _(
                "Browsers send “null” for pages that have no origin: files, sandboxed frames, and"
                " requests that were redirected from another site. Anyone can send it, so it can't"
                " be trusted. Serve the page over https, and call the final address directly."
            )
        )


def _split_scheme(text: str) -> tuple[str, str]:
    """Return the scheme of a text in lower case, "" where it has none, and what follows it."""
    scheme, separator, rest = text.partition("://")
    if separator and SCHEME.fullmatch(scheme):
        return scheme.lower(), rest
    if text.lower().startswith(("https:", "http:")):  # as in https:app.example.com
        scheme, _colon, rest = text.partition(":")
        return scheme.lower(), rest.lstrip("/")
    if separator:
        raise ValidationError(_("Enter a host such as app.example.com, or a whole URL."))
    return "", text


def _shell_rule(scheme: str, rest: str) -> tuple[OriginRule, str]:
    if scheme in WITHOUT_ORIGIN:
        sentence = _(
            "Pages at %(scheme)s: addresses send the origin “null”, which anyone can send. Use"
            " the origin of the shell that they run in, or serve them over https."
        )
        raise ValidationError(sentence, params={"scheme": scheme})
    if scheme in NOT_OF_PAGES:
        raise ValidationError(
            _("No page is at a %(scheme)s: address. Enter the https origin of the page."),
            params={"scheme": scheme},
        )
    host, left_out = _cut(rest)
    name, colon, _port = host.rpartition(":")
    if colon and name:
        sentence = _("%(scheme)s://%(host)s has no port. Leave it out.")
        raise ValidationError(sentence, params={"scheme": scheme, "host": name})
    host = host.lower().removesuffix(".")
    if len(scheme) > LONGEST_SCHEME or len(host) > domains.LONGEST:
        raise ValidationError(_("That origin is too long."))
    if not SHELL_HOST.fullmatch(host):
        sentence = _("Enter what follows %(scheme)s://, such as %(scheme)s://localhost.")
        raise ValidationError(sentence, params={"scheme": scheme})
    return OriginRule(host, scheme=scheme), left_out


def _refuse_subdomains(host: str) -> None:
    if is_address(host):
        raise ValidationError(_("An IP address has no subdomains."))
    if is_among_regions(host) or is_above_shared(host):
        sentence = _("Names under %(host)s can belong to other owners. Enter each whole host.")
        raise ValidationError(sentence, params={"host": host})


def _split_address(text: str) -> tuple[str, int | None, str]:
    """Return canonical host, port if there is one, and what follows them, of `host:port/path`."""
    address, left_out = _cut(text)
    if "@" in address:
        raise ValidationError(_("Leave out the username."))
    if "*" in address:
        raise ValidationError(_("A wildcard can only be at the start, as in *.example.com."))
    if address.count(":") > 1 and not address.startswith("["):  # an IPv6 address without brackets
        return canonical_host(address), None, left_out
    name, separator, port = address.rpartition(":")
    if not separator or address.endswith("]"):
        return canonical_host(address), None, left_out
    number = int(port.lstrip("0")) if PORT.fullmatch(port) else NO_PORT
    if not 0 < number <= LAST_PORT:
        raise ValidationError(_("Enter a host and a port from 1 to 65535."))
    return canonical_host(name), number, left_out


def _cut(text: str) -> tuple[str, str]:
    """Return what precedes the path, query or fragment of a URL without its scheme, and those."""
    match = re.search(r"[/?#]", text)
    if match is None:
        return text, ""
    left_out = text[match.start() :]
    return text[: match.start()], left_out if left_out != "/" else ""
