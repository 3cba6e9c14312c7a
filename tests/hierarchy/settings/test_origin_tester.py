"""What an application's rules make of an address that somebody pastes."""

import pytest

from hierarchy.origins import OriginRule
from hierarchy.settings.origin_tester import candidates, judge

RULES = [
    OriginRule("shop.example.com"),
    OriginRule("example.org", include_subdomains=True),
    OriginRule("localhost", port=3000, allow_insecure=True),
    OriginRule("xn--bcher-kva.example", port=8443),
    OriginRule("localhost", scheme="capacitor"),
]


def _judge(pasted):
    relevant = candidates(pasted)
    return judge(pasted, [rule for rule in RULES if rule.host in relevant])


@pytest.mark.parametrize(
    ("pasted", "origin", "rule"),
    [
        ("https://shop.example.com/cart?x=1#y", "https://shop.example.com", RULES[0]),
        ("shop.example.com", "https://shop.example.com", RULES[0]),
        ("HTTPS://SHOP.example.com:443/", "https://shop.example.com", RULES[0]),
        ("https://me:secret@shop.example.com/", "https://shop.example.com", RULES[0]),
        ("https://a.b.example.org", "https://a.b.example.org", RULES[1]),
        ("http://localhost:3000/x", "http://localhost:3000", RULES[2]),
        ("https://bücher.example:8443/", "https://xn--bcher-kva.example:8443", RULES[3]),
        ("capacitor://localhost", "capacitor://localhost", RULES[4]),
    ],
)
def test_judge_names_the_rule_that_matches(pasted, origin, rule):
    verdict = _judge(pasted)

    assert (verdict.origin, verdict.rule, verdict.reason) == (origin, rule, "")
    assert verdict.is_trusted


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        ("http://shop.example.com", "The rule for shop.example.com requires https."),
        ("http://a.example.org", "The rule for a.example.org requires https."),
        ("https://shop.example.com:444", "The host is trusted, but not on port 444."),
        ("http://localhost", "The host is trusted, but not on port 80."),
        (
            "https://example.org",
            "Only what is under example.org is trusted, not the host itself.",
        ),
        ("https://a.shop.example.com", "shop.example.com is trusted, but its subdomains aren't."),
        ("https://example.com", "No rule covers example.com."),
        ("https://10.0.0.1", "No rule covers 10.0.0.1."),
        ("tauri://localhost", "No rule covers tauri://localhost."),
    ],
)
def test_judge_says_what_is_missing(pasted, reason):
    verdict = _judge(pasted)

    assert (verdict.rule, verdict.reason) == (None, reason)


@pytest.mark.parametrize(
    "pasted", ["", "two words", "https://", "https://[", "ftp://example.com", "//", "\x00"]
)
def test_judge_finds_no_origin(pasted):
    verdict = _judge(pasted)

    assert (verdict.origin, verdict.rule) == ("", None)
    assert verdict.reason
