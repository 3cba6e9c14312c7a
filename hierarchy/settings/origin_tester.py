"""Verdict of an application's rules on a pasted address, with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from hierarchy.origins import DEFAULT_PORTS, OriginRule, display_host, parse_origin_header


@dataclass(frozen=True)
class Verdict:
    """`rule` is the one that matches, None when the origin is refused for `reason`."""

    origin: str  # as a browser would send it, "" when the text holds none
    rule: OriginRule | None
    reason: str = ""

    @property
    def is_trusted(self) -> bool:
        return self.rule is not None


def candidates(pasted: str) -> list[str]:
    """Return the hosts that a rule must have to be able to match: the host and its parents."""
    parsed = parse_origin_header(_origin_of(pasted))
    if parsed is None:
        return []
    labels = parsed[1].split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def judge(pasted: str, rules: Iterable[OriginRule]) -> Verdict:
    """Return which of `rules` (those of `candidates`) matches, or what is missing."""
    origin = _origin_of(pasted)
    parsed = parse_origin_header(origin)
    if parsed is None:
        return Verdict("", None, _("This isn't an origin. Enter a host or a URL."))
    rules = list(rules)
    match = next((rule for rule in rules if rule.matches(origin)), None)
    if match is not None:
        return Verdict(origin, match)
    return Verdict(origin, None, _reason(parsed, rules))


def _origin_of(pasted: str) -> str:
    """Return the origin of a URL, or of a host, for which https is meant."""
    text = pasted if "://" in pasted else f"https://{pasted}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def _reason(parsed: tuple[str, str, int], rules: list[OriginRule]) -> str:
    scheme, host, port = parsed
    words = {"host": display_host(host), "port": port}
    same = [rule for rule in rules if rule.host == host]
    exact = [rule for rule in same if not rule.include_subdomains]
    above = [rule for rule in rules if host.endswith(f".{rule.host}")]
    open_above = [rule for rule in above if rule.include_subdomains]
    fitting = exact or open_above
    if fitting and any(port == (rule.port or DEFAULT_PORTS[scheme]) for rule in fitting):
        return _("The rule for %(host)s requires https.") % words
    if fitting:
        return _("The host is trusted, but not on port %(port)d.") % words
    if same:
        return _("Only what is under %(host)s is trusted, not the host itself.") % words
    if above:
        parent = {"parent": display_host(above[0].host)}
        return _("%(parent)s is trusted, but its subdomains aren't.") % parent
    return _("No rule covers %(host)s.") % words
