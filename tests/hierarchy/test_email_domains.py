"""What is a domain of one owner."""

import pytest
from django.core.exceptions import ValidationError

from accounts.emails import canonical_email
from hierarchy.email_domains import parse_domain
from hierarchy.models import EmailDomain
from tests.factories import EmailDomainFactory, UserFactory


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("example.com", "example.com"),
        (" Example.COM. ", "example.com"),
        ("@example.com", "example.com"),
        ("somebody@example.com", "example.com"),
        ("mail.example.com", "mail.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("example.co.uk", "example.co.uk"),
    ],
)
def test_bring_a_domain_to_one_form(text, domain):
    assert parse_domain(text) == domain


def test_agree_with_addresses_on_the_form(db):
    domain = EmailDomainFactory(domain=parse_domain("bücher.example"))
    user = UserFactory(email=canonical_email("a@BÜCHER.example"))

    assert list(EmailDomain.objects.open_to(user)) == [domain]


@pytest.mark.parametrize(
    "text",
    ["", "com", "co.uk", "github.io", "localhost", "127.0.0.1", "[::1]", "a b.com", "-.com", "..",
     "example.com/x", "https://example.com", "*.example.com", "x" * 300 + ".com", "\x00.com"],
)  # fmt: skip
def test_refuse_what_is_no_domain_of_one_owner(text):
    with pytest.raises(ValidationError):
        parse_domain(text)


@pytest.mark.parametrize(
    "domain",
    ["gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com",
     "msn.com", "yahoo.com", "yahoo.fr", "yahoo.co.jp", "ymail.com", "icloud.com", "me.com",
     "mac.com", "aol.com", "proton.me", "protonmail.com", "pm.me", "tuta.com", "tutanota.com",
     "gmx.net", "gmx.de", "web.de", "t-online.de", "freenet.de", "posteo.de", "mailbox.org",
     "orange.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "virgilio.it", "uol.com.br",
     "bol.com.br", "terra.com.br", "qq.com", "163.com", "126.com", "sina.com", "foxmail.com",
     "naver.com", "daum.net", "hanmail.net", "mail.ru", "bk.ru", "yandex.ru", "yandex.com",
     "rambler.ru", "ukr.net", "seznam.cz", "wp.pl", "o2.pl", "rediffmail.com", "zoho.com",
     "fastmail.com", "hey.com", "comcast.net", "btinternet.com", "mailinator.com",
     "privaterelay.appleid.com", "mail.yahoo.com"],
)  # fmt: skip
def test_refuse_where_anybody_gets_an_address(domain):
    with pytest.raises(ValidationError, match="Anyone can get an address"):
        parse_domain(domain)
