"""Uploaded pictures: bounded before they are decoded, and never kept as they came."""

from __future__ import annotations

import secrets
import warnings
from io import BytesIO
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 1_000_000
MOST_PIXELS = 4_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
ACCEPT = "image/png,image/jpeg,image/webp"  # for the file field of a form


def reencode(upload: IO[bytes], *, side: int = 256) -> ContentFile[bytes]:
    """Return the picture as a WebP that fits a square of `side` pixels, under a random name.

    Only its pixels are kept: metadata, further frames and whatever else the file held are gone.
    Raises ValidationError for what is no PNG, JPEG or WebP, is over 1 MB, or over 4 megapixels by
    its own header.
    """
    data = upload.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValidationError(_("Choose a picture of at most 1 MB."), code="too_large")
    picture = _decode(data)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    output = BytesIO()
    picture.save(output, "WEBP", quality=85, method=4)
    return ContentFile(output.getvalue(), name=f"{secrets.token_hex(16)}.webp")


def _decode(data: bytes) -> Image.Image:
    """Return the first frame, upright; the size in the header is judged before any pixel is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(data), formats=FORMATS)
            if picture.width * picture.height > MOST_PIXELS:
                raise ValidationError(_("Choose a picture of at most 4 megapixels."), code="pixels")
            picture.load()
            upright = ImageOps.exif_transpose(picture)
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValidationError(_("Choose a PNG, JPEG or WebP picture."), code="invalid") from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, IndexError):
        raise ValidationError(
            _("This picture is damaged. Choose another one."), code="invalid"
        ) from None
    # A fresh image holds pixels only: no colour profile, no EXIF, no text.
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright.convert("RGBA"))
    return clean
