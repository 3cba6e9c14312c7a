"""Settings of gunicorn as they are, but for how long the server waits; and what it serves then."""

import json
import time
from itertools import repeat

from config.gunicorn import *  # noqa: F403
from config.web import whole_requests

PATIENCE = 2
whole_requests.SECONDS_TO_ASK = PATIENCE
whole_requests.SECONDS_TO_SEND = PATIENCE
whole_requests.SECONDS_TO_TAKE = PATIENCE
whole_requests.LONG_SECONDS = 0.2
wsgi_app = "tests.support.impatient_server:application"
worker_connections = 500
workers = 1

MEGABYTES = 8


def application(environ, start_response):
    """Tell what arrived; under /long after a second, under /big in more than a socket holds.

    Under /endless there is no end to it.
    """
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/long":
        time.sleep(1)
    if environ["PATH_INFO"] == "/endless":
        start_response("200 OK", [])
        return repeat(bytes(1024 * 1024))
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    answer = json.dumps(told | {"body": body.decode()}).encode()
    if environ["PATH_INFO"] == "/big":
        answer = bytes(MEGABYTES * 1024 * 1024)
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
