"""What the web server makes of clients that are slow, silent, long-winded or gone."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from config.development.process_group import end_with_parent
from config.web.whole_requests import LARGEST_HEAD
from tests.browser.installation import free_port
from tests.support import impatient_server

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
HALF_HEAD = HEAD + b"X-Half: "
HALF_BODY = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf"
ENDLESS = b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n"
BIG = b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextmanager
def _server(home):
    """Serve for the length of the block; return the port and the process."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        "python:tests.support.impatient_server",
    ]
    environment = os.environ | {"BIND": f"127.0.0.1:{port}", "HOME": str(home)}
    environment.pop("XDG_RUNTIME_DIR", None)
    process = subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=end_with_parent)
    try:
        _wait_until(lambda: _answers(port))
        yield port, process
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def server(home):
    with _server(home) as server:
        yield server


@pytest.fixture(scope="module")
def port(server):
    return server[0]


def _wait_until(claim):
    deadline = time.monotonic() + PATIENCE
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _answers(port):
    try:
        return _ask(port)[0] == 200
    except OSError:
        return False


def _ask(port, path="/", *, source="127.0.0.1", **options):
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE, source_address=(source, 0))
    try:
        connection.request(options.pop("method", "GET"), path, **options)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _told(port, **options):
    status, answer = _ask(port, **options)
    assert status == 200
    return json.loads(answer)


def _seconds(port):
    started = time.monotonic()
    assert _ask(port)[0] == 200
    return time.monotonic() - started


def _say(port, text):
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
    connection.sendall(text)
    return connection


def _hear(connection):
    """Return everything up to the end of the connection."""
    heard = b""
    while part := connection.recv(1 << 20):
        heard += part
    return heard


@pytest.mark.parametrize(
    ("text", "crowd"),
    [(b"", 200), (HALF_HEAD, 200), (HALF_BODY, 200), (BIG, 20)],
    ids=["silent", "half a head", "half a body", "takes no answer"],
)
def test_whoever_is_slow_keeps_nobody_waiting(port, text, crowd):
    slow = [_say(port, text) for _each in range(crowd)]

    waited = [_seconds(port) for _time in range(3)]

    assert sorted(waited)[1] < 1
    for connection in slow:
        connection.close()


def test_more_than_it_holds_make_room_for_the_next(port):
    crowd = impatient_server.worker_connections + 50
    slow = [_say(port, HALF_HEAD) for _each in range(crowd)]

    assert _seconds(port) < 2

    assert _hear(slow[0]) == b""
    for connection in slow:
        connection.close()


def test_hang_up_on_whoever_stops_asking(port):
    started = time.monotonic()
    silent = [_say(port, text) for text in (b"", HALF_HEAD, HALF_BODY)]

    assert [_hear(connection) for connection in silent] == [b"", b"", b""]
    assert time.monotonic() - started > impatient_server.PATIENCE / 2
    for connection in silent:
        connection.close()


def test_hang_up_on_whoever_stops_taking_what_is_still_written(port):
    crowd = impatient_server.threads + 1  # more than there are threads to write for them
    slow = [_say(port, ENDLESS) for _each in range(crowd)]
    time.sleep(impatient_server.PATIENCE)

    assert _seconds(port) < 10

    for connection in slow:
        connection.close()


def test_keep_a_connection_open_for_the_next_request(port):
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    ports = set()
    for _time in range(3):
        connection.request("GET", "/")
        ports.add(json.loads(connection.getresponse().read())["REMOTE_PORT"])
    connection.close()

    assert len(ports) == 1


def test_answer_requests_in_the_order_in_which_they_came_at_once(port):
    last = b"GET /second HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with _say(port, HEAD + b"\r\n" + last) as connection:
        heard = _hear(connection)

    assert heard.index(b'"PATH_INFO": "/"') < heard.index(b'"PATH_INFO": "/second"')


def test_what_takes_long_keeps_nobody_waiting(port):
    long = [threading.Thread(target=_ask, args=(port, "/long")) for _each in range(3)]
    for thread in long:
        thread.start()
    time.sleep(0.1)

    assert _seconds(port) < 1.5

    for thread in long:
        thread.join()


def test_answer_big_ones_whole(port):
    assert len(_ask(port, "/big")[1]) == impatient_server.MEGABYTES * 1024 * 1024


@pytest.mark.parametrize(
    ("source", "headers", "scheme"),
    [
        ("127.0.0.1", {}, "http"),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}, "https"),
        ("127.0.0.1", {"X_Forwarded_Proto": "https"}, "http"),
        ("127.0.0.2", {"X-Forwarded-Proto": "https"}, "http"),
    ],
    ids=["direct", "trusted", "another spelling", "a stranger"],
)
def test_believe_only_the_proxy_that_it_was_asked_over_https(port, source, headers, scheme):
    told = _told(port, source=source, headers=headers)

    assert told["wsgi.url_scheme"] == scheme
    assert told["REMOTE_ADDR"] == source


def test_pass_on_no_header_that_could_be_taken_for_another(port):
    told = _told(port, headers={"X_Forwarded_For": "10.0.0.1", "X-Forwarded-For": "10.0.0.2"})

    assert told["HTTP_X_FORWARDED_FOR"] == "10.0.0.2"


def test_take_a_body_that_comes_in_pieces(port):
    told = _told(port, method="POST", body=iter([b"one", b"two"]), encode_chunked=True)

    assert told["body"] == "onetwo"
    assert told["CONTENT_LENGTH"] == "6"


REFUSED = {
    "a head too large": ((HEAD + b"X: ").ljust(LARGEST_HEAD, b"x"), b"431"),
    "a body too large": (HEAD + b"Content-Length: 6000000\r\n\r\n", b"413"),
    "two lengths": (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
    "no length": (HEAD + b"Content-Length: -1\r\n\r\n", b"400"),
    "another coding": (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", b"501"),
}


@pytest.mark.parametrize(("text", "status"), REFUSED.values(), ids=REFUSED.keys())
def test_refuse(port, text, status):
    with _say(port, text) as connection:
        answer = _hear(connection)

    assert answer.split(b" ", 2)[1] == status


def test_speak_no_http_2(port):
    with _say(port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") as connection:
        assert _hear(connection).startswith(b"HTTP/1.0 ")


def test_share_no_socket_with_other_instances(port, home):
    assert list(home.rglob("*")) == []


def test_finish_what_has_been_asked_before_stopping(home):
    with _server(home) as (port, process):
        answers = []
        asking = threading.Thread(target=lambda: answers.append(_ask(port, "/long")[0]))
        asking.start()
        idle = _say(port, b"")
        time.sleep(0.4)

        process.send_signal(signal.SIGTERM)
        asking.join()
        process.wait(PATIENCE)
        idle.close()

        assert answers == [200]
        assert process.returncode == 0
        assert not _answers(port)


def test_a_signal_wakes_the_process_once(server):
    _port, process = server
    child = int(_children(process)[0])
    os.kill(child, signal.SIGUSR1)
    time.sleep(0.1)
    before = _processor_seconds(child)

    time.sleep(0.5)

    assert _processor_seconds(child) - before < 0.1


def test_renewing_the_process_interrupts_nobody(server):
    port, process = server
    first = _children(process)
    answers = []
    is_over = threading.Event()

    def ask():
        while not is_over.is_set():
            answers.append(_ask(port)[0])

    asking = [threading.Thread(target=ask) for _each in range(3)]
    for thread in asking:
        thread.start()
    process.send_signal(signal.SIGHUP)
    _wait_until(lambda: len(_children(process)) == 1 and _children(process) != first)
    is_over.set()
    for thread in asking:
        thread.join()

    assert set(answers) == {200}


def test_a_process_that_dies_is_followed_by_another(server):
    port, process = server
    first = _children(process)

    os.kill(int(first[0]), signal.SIGKILL)

    _wait_until(lambda: _children(process) not in ([], first))
    _wait_until(lambda: _answers(port))


def _children(process):
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def _processor_seconds(pid):
    counts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(counts[11]) + int(counts[12])) / os.sysconf("SC_CLK_TCK")
