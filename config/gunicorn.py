"""Settings of gunicorn: `gunicorn --config python:config.gunicorn config.wsgi`."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

logconfig_dict = settings.LOGGING  # reading the settings also reads .env
accesslog = None  # config.web.middleware writes one line for each request

bind = os.environ.get("BIND", f"127.0.0.1:{settings.PORT}")
# The proxies whose X-Forwarded-Proto counts.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
preload_app = True  # the code is read once, and a refusal to start is said once

timeout = 30
graceful_timeout = 25
keepalive = 5
max_requests = 2000
max_requests_jitter = 400
# Workers tell that they live by touching a file: never wait for a slow disk there.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190
