import pytest

from hierarchy.networks import parse_network, split_list

MEANT = {
    "10.0.0.5/24": "10.0.0.0/24",
    "10.0.0.7": "10.0.0.7/32",
    "10.0.0.0/255.255.255.0": "10.0.0.0/24",
    "10.0.0.0/0.0.0.255": "10.0.0.0/24",
    "::ffff:10.0.0.0/104": "10.0.0.0/8",
    "::ffff:10.0.0.7": "10.0.0.7/32",
    "2001:DB8::/32": "2001:db8::/32",
    "::/0": "::/0",
}


@pytest.mark.parametrize(("text", "network"), MEANT.items())
def test_parse_network_brings_each_to_one_form(text, network):
    assert parse_network(text) == network


@pytest.mark.parametrize("text", ["fe80::1%eth0", "10.0.0.0/33", "10.0.0", "home", "", "1/2/3"])
def test_parse_network_refuses_what_is_none(text):
    with pytest.raises(ValueError):
        parse_network(text)


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.0/8\r\n\r\n192.168.0.0/16",
        "10.0.0.0/8, 192.168.0.0/16",
        "10.0.0.0/8;192.168.0.0/16 ;",
        "10.0.0.0/8 # office, upstairs\n# home\n192.168.0.0/16",
    ],
)
def test_split_list_takes_each_network_and_no_remark(text):
    assert split_list(text) == ["10.0.0.0/8", "192.168.0.0/16"]
