"""Make static/icons/sprite.svg of the icons in tools/icons.txt: `python tools/make_icons.py`.

Fetches lucide-static (ISC licence) with npm, which is needed for nothing else.
"""

from __future__ import annotations

import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "lucide-static@1.62.0"
HERE = Path(__file__).resolve().parent
SPRITE = HERE.parent / "static" / "icons" / "sprite.svg"
HEADING = (
    "<!-- Lucide 1.62.0 (ISC License, Copyright Lucide Icons and Contributors), "
    "made by tools/make_icons.py -->"
)
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
)


def main() -> None:
    names = sorted(set((HERE / "icons.txt").read_text().split()))
    with tempfile.TemporaryDirectory() as folder:
        icons = fetch_icons(Path(folder))
        symbols = [symbol(name, (icons / f"{name}.svg").read_text()) for name in names]
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{HEADING}\n'
    SPRITE.write_text(svg + "\n".join(symbols) + "\n</svg>\n")


def fetch_icons(folder: Path) -> Path:
    """Return the folder that holds one SVG file for each icon of the package."""
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True)  # noqa: S607
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as package:
        package.extractall(folder, filter="data")
    return folder / "package" / "icons"


def symbol(name: str, svg: str) -> str:
    """Return the shapes of an icon's file as a symbol that a page can refer to by name."""
    shapes = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if shapes is None:
        raise ValueError(f"{name} is not an icon")
    return SYMBOL.format(name=name, shapes=re.sub(r"\s*\n\s*", "", shapes[1]))


if __name__ == "__main__":
    main()
