import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.management import call_command
from django.test import Client, override_settings

from config.web.bundles import BUNDLES, BundleFinder

pytestmark = pytest.mark.django_db

MANIFEST = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
OTHERS = ["account", "admin", "mfa", "unfold"]  # which take half a minute
ADDRESS = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"')


@pytest.mark.parametrize("bundle", BUNDLES)
def test_hold_each_of_their_files_whole_and_in_order(bundle):
    joined = Path(finders.find(bundle)).read_text()

    places = [joined.find(Path(finders.find(part)).read_text()) for part in BUNDLES[bundle]]

    assert -1 not in places
    assert places == sorted(places)


def test_leave_out_no_file_that_is_ours():
    """A file that no bundle has is one that a page names: those of the admin and of passkeys."""
    apart = {"css/admin.css", "js/admin.js", "js/theme.js", "js/passkeys.js"}
    root = settings.BASE_DIR / "static"
    files = {
        str(file.relative_to(root)) for kind in ("css", "js") for file in (root / kind).iterdir()
    }

    assert files - {part for parts in BUNDLES.values() for part in parts} == apart


def test_follow_a_file_that_changes(tmp_path, monkeypatch):
    (tmp_path / "one.css").write_text("a {}")
    monkeypatch.setitem(BUNDLES, "css/trial.css", ("one.css",))
    monkeypatch.setattr(FileSystemFinder, "find", lambda _self, path, **_kwargs: tmp_path / path)

    before = Path(BundleFinder().find("css/trial.css")).read_text()
    (tmp_path / "one.css").write_text("b {}")

    assert [before, Path(BundleFinder().find("css/trial.css")).read_text()] == ["a {}", "b {}"]


def test_are_all_the_style_sheets_and_scripts_that_a_page_asks_for():
    page = Client().get("/accounts/login/").text

    asked = ADDRESS.findall(page)

    assert asked[:3] == ["/static/js/theme.js", "/static/css/pages.css", "/static/js/pages.js"]


def test_are_collected_under_a_name_that_tells_their_content(tmp_path):
    storages = settings.STORAGES | {"staticfiles": {"BACKEND": MANIFEST}}
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=OTHERS)

    sheet = next(file for file in (tmp_path / "css").glob("pages.*.css"))
    fonts = re.findall(
        r'url\("\.\./fonts/(inter-[a-z-]+\.[0-9a-f]{12}\.woff2)"\)', sheet.read_text()
    )
    assert len(fonts) == 5
    assert all((tmp_path / "fonts" / font).exists() for font in fonts)
