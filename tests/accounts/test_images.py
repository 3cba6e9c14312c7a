import struct
import zlib
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from accounts.images import MOST_BYTES, reencode


def encoded(kind, size=(60, 40), **options):
    output = BytesIO()
    Image.new("RGB", size, "teal").save(output, kind, **options)
    return output.getvalue()


def png_of(width, height):
    """A PNG that claims a size and holds hardly a byte of it."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def animated(kind):
    frames = [Image.new("RGB", (40, 40), (n, 0, 0)) for n in range(1, 200)]
    output = BytesIO()
    frames[0].save(output, kind, save_all=True, append_images=frames[1:])
    return output.getvalue()


def with_gps():
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x8825] = {1: "N", 2: (45.0, 0.0, 0.0)}
    return encoded("JPEG", exif=exif)


PNG = encoded("PNG")
REFUSED = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<html><script>alert(1)</script></html>",
    "gif": encoded("GIF"),
    "gif and html": encoded("GIF") + b"<script>alert(1)</script>",
    "animated gif": animated("GIF"),
    "bmp": encoded("BMP"),
    "tiff": encoded("TIFF"),
    "ico": encoded("ICO"),
    "ppm": encoded("PPM"),
    "tga": encoded("TGA"),
    "pdf": encoded("PDF"),
    "eps": encoded("EPS"),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "empty": b"",
    "zero bytes": bytes(1000),
    "text": b"hello",
    "zip": b"PK\x03\x04" + bytes(100),
    "truncated png": PNG[: len(PNG) // 2],
    "png without pixels": png_of(100, 100),
    "bomb of 144 megapixels": png_of(12_000, 12_000),
    "bomb of 900 megapixels": png_of(30_000, 30_000),
    "one very long line": png_of(1, 5_000_000),
    "too many megapixels": encoded("PNG", (2_100, 2_100)),
    "too many bytes": PNG + bytes(MOST_BYTES),
    "jpeg cut after its header": encoded("JPEG")[:30],
    "png signature alone": PNG[:8],
}
TAKEN = {
    "png": PNG,
    "jpeg": encoded("JPEG"),
    "webp": encoded("WEBP"),
    "png with an html tail": PNG + b"<script>alert(1)</script>",
    "animated png": animated("PNG"),
    "animated webp": animated("WEBP"),
    "jpeg with a place": with_gps(),
    "grey": encoded("PNG"),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_reencode_refuses(data):
    with pytest.raises(ValidationError):
        reencode(BytesIO(data))


@pytest.mark.parametrize("data", TAKEN.values(), ids=TAKEN)
def test_reencode_keeps_pixels_alone(data):
    result = reencode(BytesIO(data), side=32)

    picture = Image.open(result)
    assert (picture.format, max(picture.size), getattr(picture, "n_frames", 1)) == ("WEBP", 32, 1)
    assert not picture.getexif()
    assert b"script" not in result.read()


def test_reencode_turns_the_picture_upright():
    width, height = Image.open(reencode(BytesIO(with_gps()))).size

    assert height > width


def test_reencode_names_by_chance():
    names = {reencode(BytesIO(PNG)).name for _time in range(3)}

    assert len(names) == 3
