"""Run several programs as one: they start together, and when one ends they all do."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType

# Longer than a web worker (25 s) or a job (20 s) may take to finish what it is doing.
PATIENCE_SECONDS = 30
PR_SET_PDEATHSIG = 1


class ProcessGroup:
    """Children by name; SIGTERM and Ctrl-C end all of them, and so does the end of any."""

    def __init__(self) -> None:
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def __enter__(self) -> ProcessGroup:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()

    def start(self, name: str, command: Sequence[str], *, sockets: Sequence[int] = ()) -> None:
        # Each child leads a group of its own: Ctrl-C reaches only this process, which then tells
        # the whole group, grandchildren included, even where the child itself was killed.
        self.children[name] = subprocess.Popen(
            command, pass_fds=sockets, start_new_session=True, preexec_fn=end_with_parent
        )

    def wait(self, tick: Callable[[], None]) -> str | None:
        """Wait until told to stop, calling `tick` in between; return what ended before, if any."""
        while not self.stopping.wait(0.1):
            for name, child in self.children.items():
                if child.poll() is not None:
                    return f"The {name} ended unexpectedly ({_how(child.returncode)})."
            tick()
        return None

    def stop(self) -> None:
        """End all children, giving them time to finish what they are doing."""
        for child in self.children.values():
            _tell_group(child, signal.SIGTERM)
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(PATIENCE_SECONDS)
            _tell_group(child, signal.SIGKILL)
            child.wait()


def _tell_group(leader: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader.pid, number)


def _how(returncode: int) -> str:
    if returncode < 0:
        return f"killed by {signal.Signals(-returncode).name}"
    return f"exit status {returncode}"


def end_with_parent() -> None:
    """Let Linux end this child when its parent is killed without the time to do it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == 1:  # the parent ended before the wish was known
            os.kill(os.getpid(), signal.SIGTERM)
