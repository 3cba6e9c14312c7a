import os
import signal
import sys
import threading
import time

import pytest

from config.development.process_group import ProcessGroup

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
FORK_AND_SLEEP = [sys.executable, "-c", "import os, time; print(os.fork()); time.sleep(60)"]


@pytest.fixture
def group():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with ProcessGroup() as processes:
        yield processes
    for number, handler in before.items():
        signal.signal(number, handler)


def _later(action):
    threading.Timer(0.3, action).start()


def _is_alive(number):
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_all_when_told_to(group, number):
    group.start("sleeper", SLEEP)
    _later(lambda: os.kill(os.getpid(), number))

    assert group.wait(lambda: None) is None
    group.stop()
    assert group.children["sleeper"].returncode == -signal.SIGTERM


def test_say_which_child_was_killed(group):
    group.start("sleeper", SLEEP)
    group.start("worker", SLEEP)
    _later(group.children["worker"].kill)

    assert group.wait(lambda: None) == "The worker ended unexpectedly (killed by SIGKILL)."


def test_say_which_child_ended(group):
    group.start("web server", [sys.executable, "-c", "raise SystemExit(3)"])

    assert group.wait(lambda: None) == "The web server ended unexpectedly (exit status 3)."


def test_stop_grandchildren_of_killed_child(group):
    group.start("forker", FORK_AND_SLEEP)
    leader = group.children["forker"]
    time.sleep(0.3)
    leader.kill()
    group.stop()

    deadline = time.monotonic() + 60
    while _is_alive(leader.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(leader.pid)
