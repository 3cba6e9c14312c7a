"""Logos, served to people who may see the node; the folder of uploads has no address of its own."""

from __future__ import annotations

from mimetypes import guess_type

from django.http import FileResponse, Http404
from django.views.decorators.http import require_safe

from hierarchy.console import lookup
from hierarchy.console.views.pages import Request
from hierarchy.roles import VIEW

PICTURES = {"image/png", "image/jpeg", "image/webp"}
KEPT_SECONDS = 60 * 60


@require_safe
def show(request: Request, **path: str) -> FileResponse:
    """Send the logo of an organization or a workspace, as a picture and nothing else."""
    node = lookup.get_node(request.user, path, to=VIEW)
    logo = getattr(node, "logo", None)
    if not logo:
        raise Http404
    kind = guess_type(logo.name)[0]
    try:
        response = FileResponse(
            logo.open("rb"), content_type=kind if kind in PICTURES else "application/octet-stream"
        )
    except FileNotFoundError:
        raise Http404 from None
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return response
