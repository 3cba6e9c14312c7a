"""Settings of gunicorn: `gunicorn --config python:config.gunicorn config.wsgi`."""

from __future__ import annotations

import gc
import os
from pathlib import Path

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

logconfig_dict = settings.LOGGING  # reading the settings also reads .env
accesslog = None  # config.web.middleware writes one line for each request

bind = os.environ.get("BIND", f"127.0.0.1:{settings.PORT}")
# The proxies whose X-Forwarded-Proto counts.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")

worker_class = "config.web.whole_requests.WholeRequestsWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4  # one works; the others only take over while it is busy with something that takes long
worker_connections = 800  # of each worker, below the 1,024 files that a process may open as a rule
preload_app = True  # the code is read once, and a refusal to start is said once

timeout = 30
graceful_timeout = 25
keepalive = 65  # longer than nginx keeps a connection open, so that it never uses a closed one
max_requests = 2000
max_requests_jitter = 400
# Workers tell that they live by touching a file: never wait for a slow disk there.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True  # all instances of an account would share it


def pre_fork(_server: object, _worker: object) -> None:
    """Let garbage be looked for among new things only, so that workers go on sharing the old."""
    gc.freeze()
