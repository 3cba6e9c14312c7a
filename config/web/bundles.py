"""Style sheets and scripts of every page, each kind joined into one file.

They are written apart, one for each thing, and a page asks for them all: so it asks once. The
finder joins them whenever they are looked for, in development as by collectstatic.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage

BUNDLES: dict[str, tuple[str, ...]] = {
    # Beside what it is made of, so that addresses in there lead to the same files.
    "css/pages.css": (
        "css/fonts.css",
        "css/tokens.css",
        "css/base.css",
        "css/layout.css",
        "css/forms.css",
        "css/components.css",
        "css/overlays.css",
        "css/drawings.css",
        "css/console.css",
    ),
    "js/pages.js": (
        "django_htmx/htmx-2.min.js",
        "js/toasts.js",
        "js/dialogs.js",
        "js/drawer.js",
        "js/menus.js",
        "js/tabs.js",
        "js/fields.js",
        "js/selection.js",
        "js/keyboard.js",
    ),
}


class Bundles(FileSystemStorage):
    """Folder in which each bundle stands as its parts are at the moment when it is looked for."""

    def __init__(self) -> None:
        super().__init__(location=settings.VAR_DIR / "bundles")

    def exists(self, name: str) -> bool:
        if name not in BUNDLES:
            return False
        self._join(name)
        return True

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        for bundle in BUNDLES:
            self._join(bundle)
        return super().listdir(path)

    def _join(self, bundle: str) -> None:
        """Write the bundle, unless it stands there as it would be written."""
        joined = b"\n".join(_read(part) for part in BUNDLES[bundle])
        place = Path(self.path(bundle))
        if not place.exists() or place.read_bytes() != joined:
            _write_at_once(place, joined)


class BundleFinder(finders.BaseStorageFinder):
    """Finds bundles, as the other finders find the files that they are made of."""

    storage = Bundles()


def _read(path: str) -> bytes:
    found = finders.find(path)
    if found is None:
        raise FileNotFoundError(f"No folder of static files has {path}.")
    return Path(found).read_bytes()


def _write_at_once(place: Path, content: bytes) -> None:
    """Put the file there whole: another process may be reading it, or writing the same."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
        file.write(content)
    written = Path(file.name)
    written.chmod(0o644)
    written.replace(place)
