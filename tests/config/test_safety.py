from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from config import safety


class Conf(SimpleNamespace):
    """A production installation that is all right, unless told otherwise."""

    def __init__(self, **changes):
        super().__init__(
            **{
                "DEBUG": False,
                "HTTPS": True,
                "BASE_URL": "https://canopy.example.com",
                "ALLOWED_HOSTS": ["canopy.example.com"],
                "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
                "USES_EMBEDDED_POSTGRES": False,
                "EMBEDDED_POSTGRES_ALLOWED": False,
                "SIGNUP": "open",
                "INVITATION_DAYS": 7,
                "RECOVERY_DAYS": 7,
                "KEEP_DAYS": 90,
                **changes,
            }
        )


DEVELOPMENT = {
    "DEBUG": True,
    "HTTPS": False,
    "BASE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
    "USES_EMBEDDED_POSTGRES": True,
    "EMBEDDED_POSTGRES_ALLOWED": True,
}


@pytest.mark.parametrize("changes", [{}, DEVELOPMENT, DEVELOPMENT | {"DEBUG": False}])
def test_accept_sound_installation(changes):
    assert safety.problems(Conf(**changes)) == []


@pytest.mark.parametrize(
    ("variable", "changes"),
    [
        ("DEBUG is on", {"DEBUG": True}),
        ("DEBUG is on", DEVELOPMENT | {"ALLOWED_HOSTS": ["localhost", "8.8.8.8"]}),
        ("SECRET_KEY is missing", {"SECRET_KEY": ""}),
        ("SECRET_KEY is weak", {"SECRET_KEY": "short"}),
        ("SECRET_KEY is weak", {"SECRET_KEY": "ab" * 40}),
        ("SECRET_KEY is weak", {"SECRET_KEY": "django-insecure-" + "0123456789abcdef" * 4}),
        ("ALLOWED_HOSTS has a wildcard", {"ALLOWED_HOSTS": ["*"]}),
        ("ALLOWED_HOSTS has a wildcard", {"ALLOWED_HOSTS": [".example.com"]}),
        ("ALLOWED_HOSTS has a wildcard", DEVELOPMENT | {"ALLOWED_HOSTS": ["*"]}),
        ("BASE_URL is http://", {"HTTPS": False, "BASE_URL": "http://canopy.example.com"}),
        ("DATABASE_URL is missing", {"USES_EMBEDDED_POSTGRES": True}),
        ("SIGNUP has an unknown value", {"SIGNUP": "closed"}),
        ("INVITATION_DAYS is out of range", {"INVITATION_DAYS": 31}),
        ("RECOVERY_DAYS is out of range", {"RECOVERY_DAYS": 31}),
        ("KEEP_DAYS is too small", {"KEEP_DAYS": 0}),
    ],
)
def test_name_what_is_unsafe(variable, changes):
    (problem,) = safety.problems(Conf(**changes))

    assert problem.startswith(variable)


def test_name_all_problems_at_once():
    conf = Conf(SECRET_KEY="", ALLOWED_HOSTS=["*"], USES_EMBEDDED_POSTGRES=True)

    assert len(safety.problems(conf)) == 3


@override_settings(DEBUG=False, ALLOWED_HOSTS=["*"])
def test_refuse_to_serve_when_unsafe():
    with pytest.raises(safety.UnsafeConfigurationError, match="ALLOWED_HOSTS has a wildcard"):
        safety.refuse_unsafe_configuration()


@override_settings(SECRET_KEY="")
def test_see_missing_key_through_django_settings(settings):
    with pytest.raises(ImproperlyConfigured):
        _ = settings.SECRET_KEY

    assert any(problem.startswith("SECRET_KEY is missing") for problem in safety.problems(settings))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", False),
        ("canopy.localhost", False),
        ("127.0.0.1", False),
        ("[::1]", False),
        ("192.168.1.20", False),
        ("devbox", False),
        ("example.com", True),
        ("example.com.", True),
        ("8.8.8.8", True),
        ("[2606:4700::1111]", True),
    ],
)
def test_tell_public_hosts(host, expected):
    assert safety.is_public(host) == expected
