import pytest
from django.core.exceptions import ValidationError
from publicsuffixlist import PublicSuffixList

from hierarchy.origins import (
    OriginRule,
    Pasted,
    origin_of,
    parse_origin_header,
    parse_pasted,
    parse_rule,
    split_list,
)
from hierarchy.shared_hosts import OTHERS, domain_of_one_owner, is_shared

INSECURE = {"allow_insecure": True}
EXTENSION = "abcdefghijklmnopabcdefghijklmnop"
PREVIEW = "deploy-preview-12--shop.netlify.app"


def _shell(text):
    scheme, host = text.split("://")
    return OriginRule(host, scheme=scheme)


# What people paste, and the rule that they mean.
MEANT = {
    "https://app.example.com": OriginRule("app.example.com"),
    "https://App.Example.COM/": OriginRule("app.example.com"),
    "https://app.example.com.": OriginRule("app.example.com"),
    "https://app.example.com:443": OriginRule("app.example.com"),
    '"https://app.example.com"': OriginRule("app.example.com"),
    "https:app.example.com": OriginRule("app.example.com"),
    "https://ex%61mple.com": OriginRule("example.com"),
    "http://localhost": OriginRule("localhost", **INSECURE),
    "http://localhost:5173": OriginRule("localhost", 5173, **INSECURE),
    "http://127.0.0.1:8080": OriginRule("127.0.0.1", 8080, **INSECURE),
    "http://[::1]:3000": OriginRule("[::1]", 3000, **INSECURE),
    "::1": OriginRule("[::1]"),
    "http://10.0.2.2:8080": OriginRule("10.0.2.2", 8080, **INSECURE),
    "http://192.168.1.20:5173": OriginRule("192.168.1.20", 5173, **INSECURE),
    "http://0.0.0.0:3000": OriginRule("0.0.0.0", 3000, **INSECURE),
    "http://devbox:3000": OriginRule("devbox", 3000, **INSECURE),
    "https://intranet": OriginRule("intranet"),
    "http://frontend": OriginRule("frontend", **INSECURE),
    "http://laptop.local:8500": OriginRule("laptop.local", 8500, **INSECURE),
    "https://host.tail1234.ts.net": OriginRule("host.tail1234.ts.net"),
    "https://my_app.example.com": OriginRule("my_app.example.com"),
    f"https://{PREVIEW}": OriginRule(PREVIEW),
    "https://bücher.example": OriginRule("xn--bcher-kva.example"),
    "https://xn--bcher-kva.example": OriginRule("xn--bcher-kva.example"),
    "https://faß.example": OriginRule("xn--fa-hia.example"),
    "https://i❤.ws": OriginRule("xn--i-7iq.ws"),
    "https://xn--i-7iq.ws": OriginRule("xn--i-7iq.ws"),
    "https://пример.рф": OriginRule("xn--e1afmkfd.xn--p1ai"),
    "https://*.example.com": OriginRule("example.com", include_subdomains=True),
    "http://tauri.localhost": OriginRule("tauri.localhost", **INSECURE),
    "https://tauri.localhost": OriginRule("tauri.localhost"),
    "https://shop.wordpress.com": OriginRule("shop.wordpress.com"),
    "capacitor://localhost": _shell("capacitor://localhost"),
    "Capacitor://LocalHost": _shell("capacitor://localhost"),
    "ionic://localhost": _shell("ionic://localhost"),
    "app://localhost": _shell("app://localhost"),
    "tauri://localhost": _shell("tauri://localhost"),
    f"chrome-extension://{EXTENSION}": _shell(f"chrome-extension://{EXTENSION}"),
    "moz-extension://3f0e2b8c-2a3d-4c5e-9f10-0123456789ab": _shell(
        "moz-extension://3f0e2b8c-2a3d-4c5e-9f10-0123456789ab"
    ),
    "vscode-webview://0a1b2c": _shell("vscode-webview://0a1b2c"),
    "com.example.app://callback": _shell("com.example.app://callback"),
}
# What can't be trusted, and a part of the reason.
REFUSED = {
    "": "Enter a host",
    "two words": "without spaces",
    "null": "Anyone can send it",
    "NULL": "Anyone can send it",
    "file://": "“null”",
    "file:///home/index.html": "“null”",
    "data://text": "“null”",
    "ws://example.com": "No page is at a ws: address",
    "ftp://example.com": "No page is at a ftp: address",
    "https://a.example.com,https://b.example.com": "without a comma",
    "https://user:p@x.example": "Leave out the username",
    "https://*.vercel.app": "vercel.app is shared by many owners",
    "github.io": "github.io is shared by many owners",
    "wordpress.com": "wordpress.com is shared by many owners",
    "*.app.github.dev": "app.github.dev is shared by many owners",
    "*.euw.devtunnels.ms": "can belong to other owners",
    "*.com": "com is shared by many owners",
    "*": "A wildcard can only be at the start",
    "a.*.example.com": "A wildcard can only be at the start",
    "*.127.0.0.1": "An IP address has no subdomains",
    "https://app.example.com:99999": "from 1 to 65535",
    "example.com:0": "from 1 to 65535",
    "example.com:65536": "from 1 to 65535",
    "example.com:٣": "from 1 to 65535",
    "example.com:": "from 1 to 65535",
    "example.com:00000199999": "from 1 to 65535",
    "example.com:000001" + 5_000 * "9": "from 1 to 65535",
    "*.windows.net": "can belong to other owners",
    "*.github.dev": "can belong to other owners",
    "[::1]:0": "from 1 to 65535",
    ":0": "from 1 to 65535",
    "exp://192.168.1.20:19000": "exp://192.168.1.20 has no port",
    "app://": "Enter what follows app://",
    "app://*": "Enter what follows app://",
    "a" * 64 + ".example": "up to 63 characters",
    ".".join(["abcdefgh"] * 30): "up to 63 characters",
    "https://a..b": "isn't a valid host",
    "https://": "isn't a valid host",
    "https://[::1": "isn't a valid host",
    "https://999.1.1.1": "isn't a valid host",
    "1a://x": "Enter a host such as",
}


@pytest.mark.parametrize(("text", "rule"), MEANT.items(), ids=str)
def test_parse_rule_reads_what_people_paste(text, rule):
    assert parse_pasted(text) == Pasted(rule)


@pytest.mark.parametrize(("text", "reason"), REFUSED.items(), ids=str)
def test_parse_rule_says_why_a_text_is_refused(text, reason):
    with pytest.raises(ValidationError) as refusal:
        parse_rule(text)

    assert reason in refusal.value.messages[0]


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("https://app.example.com/login?next=/#top", "/login?next=/#top"),
        ("app.example.com:8443?x", "?x"),
        ("capacitor://localhost/index.html", "/index.html"),
        ("https://app.example.com/", ""),
    ],
)
def test_parse_pasted_tells_which_part_no_origin_has(text, left_out):
    assert parse_pasted(text).left_out == left_out


@pytest.mark.parametrize("between", ["\n", "\r\n", ",", ", ", ";\t"])
def test_split_list_takes_each_origin_of_a_pasted_list(between):
    pasted = between.join(["https://a.example.com", '"b.example.com"', ""])

    assert [parse_rule(text).host for text in split_list(pasted)] == [
        "a.example.com",
        "b.example.com",
    ]


@pytest.mark.parametrize("text", MEANT, ids=str)
def test_a_rule_matches_the_origin_that_a_browser_sends_from_there(text):
    rule = MEANT[text]

    if not rule.include_subdomains:
        assert rule.matches(origin_of(text))


@pytest.mark.parametrize("port", [1, 65535])
def test_parse_rule_takes_the_first_and_the_last_port(port):
    assert parse_rule(f"example.com:{port}") == OriginRule("example.com", port)


def test_origin_without_a_real_port_is_nobodys():
    """Port 0 is falsy, and not the port that the scheme stands for."""
    assert parse_origin_header("https://example.com:0") is None
    assert not parse_rule("example.com").matches("https://example.com:0")


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "file://",
        "https://evil-example.com",
        "https://app.example.com.evil.example",
        "https://app.example.com@evil.example",
        "https://app.example.com:8443",
        "https://app.example.com:" + 5_000 * "9",
        "http://app.example.com",
        "https://app.example.com.",
        "https://app.example.com/",
        "https://app.example.com, https://app.example.com",
        "https://app.example.com https://app.example.com",
        "https://app.ex%61mple.com",
        "https://app.example.com:",
        "https:app.example.com",
        "app.example.com",
        "capacitor://app.example.com",
    ],
)
def test_a_rule_matches_no_other_origin(origin):
    assert not OriginRule("app.example.com").matches(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "https://localhost",
        "http://localhost",
        "ionic://localhost",
        "capacitor://localhost:80",
        "capacitor://a.localhost",
        "capacitor://localhost/",
    ],
)
def test_the_rule_of_a_shell_matches_its_own_origin_only(origin):
    rule = OriginRule("localhost", scheme="capacitor")

    assert rule.matches("capacitor://localhost")
    assert not rule.matches(origin)


def test_shared_hosts_are_those_that_the_public_list_lacks():
    """One that it takes up can leave ours."""
    public = PublicSuffixList()

    assert {host for host in OTHERS if public.publicsuffix(host) == host} == set()
    for host in OTHERS:
        assert is_shared(host)
        assert domain_of_one_owner(f"a.b.{host}") == f"b.{host}"


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("a.b.example.co.uk", "example.co.uk"),
        ("a.shop.github.io", "shop.github.io"),
        ("co.uk", None),
        ("devbox", None),
        ("laptop.local", "laptop.local"),
        ("a.laptop.local", "laptop.local"),
    ],
)
def test_domain_of_one_owner_begins_below_what_is_shared(host, domain):
    assert domain_of_one_owner(host) == domain
