"""Pages and files of text are sent compressed; images are so already.

What a page keeps secret from those who measure its length, its CSRF token, is masked in another way
in each answer, and Django lengthens each by a random number of bytes. Static files stand further
out, compressed when they were collected.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressText(GZipMiddleware):
    """Compresses what a browser takes compressed, unless it is an image."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.get("Content-Type", "").startswith("image/"):
            return response
        return super().process_response(request, response)
