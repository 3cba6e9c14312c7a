"""Log lines: JSON for machines, one readable line for a developer; never a secret in either.

Paths can carry the token of an invitation or of a password reset, so a line names the route that
matched and its harmless arguments, not the path.
"""

from __future__ import annotations

import logging

import structlog
from django.http import HttpRequest
from structlog.typing import EventDict, Processor, WrappedLogger

from config.web import request_context

# Arguments of our routes and of allauth's that open something for anyone who knows them.
SECRET_ARGUMENTS = {"token", "key", "uidb36"}

# What `extra=` may add to a line: names, numbers and verdicts, never objects or bodies.
EXTRA_KEYS = {
    "action",
    "address",
    "arguments",
    "milliseconds",
    "method",
    "route",
    "status",
    "user_id",
}


def _add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if request_id := request_context.current().request_id:
        event["request_id"] = request_id
    return event


FACTS: list[Processor] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(allow=EXTRA_KEYS),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _add_request_id,
]


def configuration(*, readable: bool) -> dict[str, object]:
    """Return the value of the setting LOGGING."""
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if readable
        else structlog.processors.JSONRenderer(default=str)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"hide_paths": {"()": "config.web.logs.HidePaths"}},
        "formatters": {
            "line": {
                "()": "structlog.stdlib.ProcessorFormatter",
                "foreign_pre_chain": FACTS,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *([] if readable else [structlog.processors.format_exc_info]),
                    renderer,
                ],
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["hide_paths"],
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": [], "level": "WARNING" if readable else "INFO"},
            "django.server": {"handlers": [], "propagate": True},
            "canopy": {"level": "INFO"},
            "gunicorn.error": {"level": "WARNING" if readable else "INFO", "propagate": True},
            "procrastinate": {"level": "WARNING"},
            "procrastinate.worker": {"level": "WARNING" if readable else "INFO"},
        },
    }


class HidePaths(logging.Filter):
    """Puts the route in the place of the path in the lines that Django itself writes."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(
                route_of(request) if argument == request.path else argument
                for argument in record.args
            )
        return True


def route_of(request: HttpRequest) -> str:
    """Return the pattern that matched, or only the first part of a path that matched none."""
    if request.resolver_match:
        return f"/{request.resolver_match.route}"
    first, _slash, rest = request.path.lstrip("/").partition("/")
    return f"/{first}/…" if rest else f"/{first}"


def arguments_of(request: HttpRequest) -> dict[str, object]:
    """Return the arguments of the route, without those that are secrets."""
    match = request.resolver_match
    captured = match.kwargs if match else {}
    return {name: value for name, value in captured.items() if name not in SECRET_ARGUMENTS}
