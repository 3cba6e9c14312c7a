import pytest
from django.core.exceptions import ValidationError

from hierarchy.origins import OriginRule, parse_origin_header, parse_rule


@pytest.mark.parametrize("text", ["example.com:0", "[::1]:0", "example.com:65536", ":0"])
def test_parse_rule_refuses_a_port_that_nothing_listens_on(text):
    with pytest.raises(ValidationError) as refusal:
        parse_rule(text)

    assert refusal.value.messages == ["Enter a host and a port from 1 to 65535."]


@pytest.mark.parametrize("port", [1, 65535])
def test_parse_rule_takes_the_first_and_the_last_port(port):
    assert parse_rule(f"example.com:{port}") == OriginRule("example.com", port)


def test_origin_without_a_real_port_is_nobodys():
    """Port 0 is falsy, and not the port that the scheme stands for."""
    assert parse_origin_header("https://example.com:0") is None
    assert not parse_rule("example.com").matches("https://example.com:0")
