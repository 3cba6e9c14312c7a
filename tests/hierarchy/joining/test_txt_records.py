"""What asking a real name server, on loopback, comes to."""

import time

import pytest

from hierarchy.joining import txt_records

NAME = "_canopy-challenge.example.com"


def test_read_every_record_of_a_name(name_server):
    name_server.records[NAME] = [["one"], ["two and ", "a half"]]

    assert sorted(txt_records.look_up(NAME)) == ["one", "two and a half"]
    assert name_server.asked == [NAME]


def test_read_what_is_no_text(name_server):
    name_server.records[NAME] = [["\\255\\254"]]

    assert txt_records.look_up(NAME) == ["\ufffd\ufffd"]


def test_tell_a_name_that_does_not_exist(name_server):
    with pytest.raises(txt_records.NotThere):
        txt_records.look_up(NAME)


def test_tell_a_name_without_such_records(name_server):
    name_server.records[NAME] = []

    with pytest.raises(txt_records.NotThere):
        txt_records.look_up(NAME)


def test_tell_a_name_that_is_too_long(name_server):
    with pytest.raises(txt_records.NotThere):
        txt_records.look_up("a." * 127 + "example")


@pytest.mark.parametrize("trouble", ["is_silent", "fails"])
def test_give_up_in_time(name_server, trouble):
    setattr(name_server, trouble, True)
    started = time.monotonic()

    with pytest.raises(txt_records.NoReply):
        txt_records.look_up(NAME)

    assert time.monotonic() - started < 2


def test_ask_the_next_server_when_one_fails(name_server, settings):
    name_server.records[NAME] = [["one"]]
    settings.DNS_RESOLVERS = ["127.0.0.1:9", name_server.address]
    settings.DNS_TIMEOUT_SECONDS = 5

    assert txt_records.look_up(NAME) == ["one"]
