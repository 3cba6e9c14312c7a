"""How gunicorn serves: `gunicorn --config python:config.gunicorn config.wsgi`.

FORWARDED_ALLOW_IPS, which gunicorn reads itself, names the proxies whose X-Forwarded-Proto counts.
"""

from __future__ import annotations

import os
from pathlib import Path

from config import logs

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
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

accesslog = None  # config.middleware writes one line for each request
logconfig_dict = logs.configuration(
    readable=os.environ.get("DEBUG", "").lower() in ("true", "1", "on", "yes")
)
