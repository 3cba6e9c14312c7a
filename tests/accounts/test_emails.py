import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.emails import canonical_email
from accounts.models import User
from tests.factories import UserFactory


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        (" ada@example.com. ", "ada@example.com"),
        ("a+b.c@example.com", "a+b.c@example.com"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@\u0430pple.com", "a@xn--pple-43d.com"),
    ],
)
def test_canonical_email(spelling, canonical):
    assert canonical_email(spelling) == canonical


@pytest.mark.parametrize(
    "text",
    ["", "a", "@example.com", "a@", "a@b", "a b@example.com", "a@[127.0.0.1]", '"a"@example.com',
     "ä@example.com", f"{'a' * 65}@example.com", "a@exa mple.com", "a\n@example.com",
     "a@example.com\nBcc: b@example.com", "a@-example.com", f"a@{'b' * 250}.com"],
)  # fmt: skip
def test_canonical_email_refuses(text):
    with pytest.raises(ValidationError):
        canonical_email(text)


def test_two_spellings_are_one_person(db):
    UserFactory(email="ada@example.com")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="ADA@example.com")
