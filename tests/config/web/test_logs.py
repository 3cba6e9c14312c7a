import json
import logging

import pytest
from django.test import RequestFactory
from django.urls import resolve

from config.web import logs
from config.web.request_context import RequestFacts, serving

SECRET = "1a2-b3c4d5e6f7"
RESET = f"/accounts/password/reset/key/{SECRET}/"


def _request(path):
    request = RequestFactory().get(path)
    request.resolver_match = resolve(path)
    return request


def _format(record, *, readable=False):
    configuration = logs.configuration(readable=readable)
    options = configuration["formatters"]["line"]
    formatter = logging.config.DictConfigurator(configuration).configure_formatter(dict(options))
    logs.HidePaths().filter(record)
    return formatter.format(record)


def _record(message, *arguments, **extra):
    logger = logging.getLogger("tests")
    return logger.makeRecord(
        "tests", logging.WARNING, __file__, 1, message, arguments, None, extra=extra
    )


def test_write_json_with_request_id():
    with serving(RequestFacts(request_id="abc")):
        line = json.loads(_format(_record("hello %s", "world", status=200)))

    assert line["event"] == "hello world"
    assert (line["level"], line["logger"]) == ("warning", "tests")
    assert (line["request_id"], line["status"]) == ("abc", 200)


def test_keep_a_line_on_one_line():
    line = _format(_record("first\nsecond\x1b[31m"))

    assert "\n" not in line
    assert "\x1b" not in line


@pytest.mark.parametrize("readable", [False, True])
def test_hide_secret_of_path_in_the_lines_of_django(readable):
    record = _record("%s: %s", "Not Found", RESET, request=_request(RESET), status_code=404)

    line = _format(record, readable=readable)

    assert SECRET not in line
    assert "Not Found: /accounts/password/reset/key/" in line


def test_leave_secrets_out_of_arguments():
    assert logs.arguments_of(_request(RESET)) == {}


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/invitations/abcdef", "/invitations/…"), ("/robots.txt", "/robots.txt"), ("/", "/")],
)
def test_show_only_the_beginning_of_unknown_path(path, expected):
    assert logs.route_of(RequestFactory().get(path)) == expected
