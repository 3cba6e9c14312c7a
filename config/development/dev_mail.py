"""/dev/mail/: the e-mails that a development installation wrote to files instead of sending.

Routed only with DEBUG on, so that a newcomer can click the link of an invitation.
"""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

NEWEST = 50
# Django's file backend ends every e-mail with this line.
SEPARATOR = b"-" * 79 + b"\n"


@require_safe
@login_not_required
def index(request: HttpRequest) -> HttpResponse:
    folder = Path(settings.EMAIL_FILE_PATH) if settings.EMAIL_FILE_PATH else None
    mails = newest_mails(folder) if folder else []
    return render(request, "dev/mail.html", {"mails": mails, "folder": folder})


def newest_mails(folder: Path) -> list[dict[str, str]]:
    """Return the headers and the text of the newest e-mails in `folder`, newest first."""
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    mails: list[dict[str, str]] = []
    for path in files[:NEWEST]:
        parts = [part for part in path.read_bytes().split(SEPARATOR) if part.strip()]
        mails.extend(_read(part) for part in reversed(parts))
    return mails[:NEWEST]


def _read(content: bytes) -> dict[str, str]:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101  # what policy.default makes
    body = message.get_body(preferencelist=("plain", "html"))
    return {
        "to": str(message["To"]),
        "subject": str(message["Subject"]),
        "date": str(message["Date"]),
        "text": body.get_content() if body else "",
    }
