"""Worker of gunicorn whose thread is only ever lent to requests that have arrived whole.

gunicorn starts, watches and stops the processes. In each, waitress reads requests, however slowly
they come, and sends answers, however slowly they are taken: neither holds anything up. One thread
does that and, in between, what requests ask for, one after the other, because threads side by side
only take the interpreter from each other. While it is busy with something that takes long, another
takes its place. docs/decisions/web-server.md tells what was measured.
"""

from __future__ import annotations

import ipaddress
import math
import os
import select
import socket
import threading
import time
from collections import deque

from django.db import connections
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, TcpWSGIServer, UnixWSGIServer
from waitress.task import WSGITask

SECONDS_TO_ASK = 10  # from the first byte of a request, or from connecting, to its last header
SECONDS_TO_SEND = 60  # … to the last byte of its body
SECONDS_TO_TAKE = 20  # without taking a byte of an answer that waits
SECONDS_TO_LEAVE = 1  # for requests that are on their way when the process begins to stop
LARGEST_HEAD = 16 * 1024
LARGEST_BODY = 5 * 1024 * 1024
ACCEPTED_AT_ONCE = 4  # few, so that the other workers get their share of a crowd
LONG_SECONDS = 0.5  # a request that takes longer no longer holds up the others
GLANCE_SECONDS = 0.25  # between two looks at whether one does


class Task(WSGITask):
    """Work that one request asks for."""

    channel: Channel

    def get_environment(self) -> dict[str, object]:
        environ: dict[str, object] = super().get_environment()
        says_https = environ.get("HTTP_X_FORWARDED_PROTO") == "https"
        if says_https and self.channel.server.worker.trusts(str(environ["REMOTE_ADDR"])):
            environ["wsgi.url_scheme"] = "https"
        return environ

    def start(self) -> None:
        super().start()
        if self.channel.server.worker.is_stopping:
            self.set_close_on_finish()  # which the answer says

    def finish(self) -> None:
        super().finish()
        self.channel.has_served = True
        self.channel.server.worker.count_request()


class Channel(HTTPChannel):
    """Connection, and how long the other end may leave it waiting."""

    task_class = Task
    server: ServerPart
    has_served = False
    began = 0.0

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.began = time.time()
        return bool(super().received(data))

    @property
    def is_waiting(self) -> bool:
        """True while it is the other end's turn."""
        return not self.requests

    @property
    def is_idle(self) -> bool:
        return self.is_waiting and self.request is None and not self.total_outbufs_len

    @property
    def patience_ends(self) -> float:
        """Time until which the other end may keep it waiting."""
        if self.total_outbufs_len:
            return float(self.last_activity + SECONDS_TO_TAKE)
        if self.requests:
            return math.inf
        if self.request is not None:
            has_head = self.request.headers_finished
            return self.began + (SECONDS_TO_SEND if has_head else SECONDS_TO_ASK)
        keepalive = self.server.worker.cfg.keepalive if self.has_served else SECONDS_TO_ASK
        return float(self.last_activity + keepalive)


class ServerPart(BaseWSGIServer):
    """Listener at one of the addresses, and the connections that came by it."""

    channel_class = Channel
    worker: WholeRequestsWorker
    active_channels: dict[int, Channel]

    def handle_accept(self) -> None:
        for _turn in range(ACCEPTED_AT_ONCE):
            if len(self.active_channels) >= self.worker.cfg.worker_connections:
                self.close_the_one_that_waits_longest()
            super().handle_accept()

    def close_the_one_that_waits_longest(self) -> None:
        waiting = [channel for channel in self.active_channels.values() if channel.is_waiting]
        if waiting:
            min(waiting, key=lambda channel: channel.last_activity).handle_close()

    def maintenance(self, now: float) -> None:
        for channel in list(self.active_channels.values()):
            if channel.patience_ends < now:
                channel.handle_close()

    def pull_trigger(self) -> None:
        """Wake up the thread that reads and sends, unless it is the one that asks for it."""
        if threading.current_thread() is not self.worker.leader:
            super().pull_trigger()


class TcpServer(ServerPart, TcpWSGIServer):
    """Listener at a port."""


class UnixServer(ServerPart, UnixWSGIServer):
    """Listener at a path."""


class WholeRequestsWorker(Worker):
    """Process of gunicorn, with one thread that leads and others that finish what took long."""

    def init_process(self) -> None:
        self.turn = threading.Lock()
        self.leader: threading.Thread | None = None
        self.busy_since: float | None = None
        self.threads: set[threading.Thread] = set()
        self.tasks: deque[Channel] = deque()
        self.map: dict[int, wasyncore.dispatcher] = {}
        self.servers: list[ServerPart] = []
        super().init_process()

    def run(self) -> None:
        self.servers = [self._serve(listener.sock) for listener in self.sockets]
        while self.alive and os.getppid() == self.ppid:
            if self._is_led():
                self.notify()
            self._wait()
        self._finish()

    def _wait(self) -> None:
        """Wait for a glance, or for a signal, of which gunicorn writes a byte."""
        ready, _writable, _failed = select.select([self.PIPE[0]], [], [], GLANCE_SECONDS)
        if ready:
            os.read(self.PIPE[0], 4096)

    def add_task(self, channel: Channel) -> None:
        """Take note of a whole request: waitress calls this."""
        self.tasks.append(channel)

    def count_request(self) -> None:
        self.nr += 1
        if self.nr >= self.max_requests:
            self.alive = False

    def trusts(self, peer: str) -> bool:
        """Return whether a proxy at that address may say that it was asked over HTTPS."""
        if peer == "localhost":  # it came through a path of this machine
            return True
        if "*" in self.cfg.forwarded_allow_ips:
            return True
        address = ipaddress.ip_address(peer)
        return any(address in network for network in self.cfg.forwarded_allow_networks())

    @property
    def is_stopping(self) -> bool:
        return not self.alive

    def _serve(self, listener: socket.socket) -> ServerPart:
        kind = UnixServer if listener.family == socket.AF_UNIX else TcpServer
        server: ServerPart = kind(
            self.wsgi,
            self.map,
            _start=False,
            _sock=listener,
            dispatcher=self,
            adj=ADJUSTMENTS,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )
        server.worker = self
        server.accepting = True
        return server

    def _is_led(self) -> bool:
        """Appoint another leader where the last is busy for long; return whether there is room.

        After `timeout` without, gunicorn puts another process in the place of this one.
        """
        with self.turn:
            is_free = self.busy_since is None or time.monotonic() < self.busy_since + LONG_SECONDS
            if self.leader is None or not self.leader.is_alive() or not is_free:
                self.busy_since = None
                self.leader = threading.Thread(target=self._lead, daemon=True)
                self.threads.add(self.leader)
                self.leader.start()
            return self._has_room

    @property
    def _has_room(self) -> bool:
        """True while the leader may do what is asked: one beyond `threads` only reads and sends."""
        return len(self.threads) <= int(self.cfg.threads)

    def _lead(self) -> None:
        """Read and send, and do what was asked, until another has had to take over."""
        try:
            while self._still_leads(busy=False):
                has_work = self.tasks and self._has_room
                wasyncore.poll2(0 if has_work else GLANCE_SECONDS, self.map)
                if self.tasks and self._has_room and self._still_leads(busy=True):
                    self.tasks.popleft().service()
        finally:
            self.threads.discard(threading.current_thread())
            connections.close_all()

    def _still_leads(self, *, busy: bool) -> bool:
        with self.turn:
            leads = threading.current_thread() is self.leader
            if leads:
                self.busy_since = time.monotonic() if busy else None
            return leads

    def _finish(self) -> None:
        """Accept no more, and give what has been asked, or is about to be, its time."""
        for server in self.servers:
            server.accepting = False
        began = time.monotonic()
        while self._is_awaited(time.monotonic() - began):
            self._is_led()
            self.notify()
            time.sleep(0.02)

    def _is_awaited(self, seconds: float) -> bool:
        """Return whether to wait on, `seconds` after it began to stop."""
        channels = [part for part in list(self.map.values()) if isinstance(part, Channel)]
        if seconds < SECONDS_TO_LEAVE:
            return bool(channels)
        are_idle = all(channel.is_idle for channel in channels)
        return not are_idle and seconds < self.cfg.graceful_timeout


ADJUSTMENTS = Adjustments(
    ident=None,  # nobody needs to know
    max_request_header_size=LARGEST_HEAD,
    max_request_body_size=LARGEST_BODY,
    cleanup_interval=1,
    connection_limit=1_000_000,  # ServerPart minds it
    clear_untrusted_proxy_headers=False,  # config.web.request_context knows whom it believes
    log_socket_errors=False,
)
