"""Verdict of an application's rules on a pasted address, with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hierarchy.origins import (
    DEFAULT_PORTS,
    OriginRule,
    display_host,
    origin_of,
    parse_origin_header,
)


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
    try:
        parsed = parse_origin_header(origin_of(pasted))
    except ValidationError:
        return []
    labels = parsed[1].split(".") if parsed else []
    return [".".join(labels[start:]) for start in range(len(labels))]


def judge(pasted: str, rules: Iterable[OriginRule]) -> Verdict:
    """Return which of `rules` (those of `candidates`) matches, or what is missing."""
    try:
        origin = origin_of(pasted)
    except ValidationError as error:
        return Verdict("", None, error.messages[0])
    rules = list(rules)
    match = next((rule for rule in rules if rule.matches(origin)), None)
    if match is not None:
        return Verdict(origin, match)
    return Verdict(origin, None, _reason(origin, rules))


def _reason(origin: str, rules: list[OriginRule]) -> str:
    parsed = parse_origin_header(origin)
    if parsed is None or parsed[0] not in DEFAULT_PORTS:
        return _("No rule covers %(origin)s.") % {"origin": origin}
    scheme, host, port = parsed
    rules = [rule for rule in rules if not rule.scheme]
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
