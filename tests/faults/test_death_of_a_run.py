"""Whatever a test run has started ends with it, also when it is killed and can say no more."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120
# A run as far as its server, with a process like those that tests start.
RUN = """
import os, subprocess, sys, time
from config.development.process_group import end_with_parent
from tests.support import postgres
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
child = subprocess.Popen(sleep, preexec_fn=end_with_parent)
print(os.environ["DATABASE_URL"].partition("host=")[2], child.pid, flush=True)
time.sleep(600)
"""


def _started_run():
    needless = ("PYTEST_XDIST_WORKER", "TEST_DATABASE_URL", "DATABASE_URL", "TEST_TEMPLATE")
    environment = {name: value for name, value in os.environ.items() if name not in needless}
    command = [sys.executable, "-c", RUN]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def _is_there(pid):
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _wait_until(claim):
    deadline = time.monotonic() + PATIENCE
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_nothing_that_a_killed_run_has_started_stays():
    run = _started_run()
    data, child = run.stdout.readline().split()
    server = (Path(data) / "postmaster.pid").read_text().split()[0]
    assert _is_there(server)
    assert _is_there(child)

    run.kill()
    run.wait()

    _wait_until(lambda: not _is_there(server))
    _wait_until(lambda: not _is_there(child))
    _wait_until(lambda: not Path(data).parent.exists())
