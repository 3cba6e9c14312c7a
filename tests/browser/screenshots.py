"""`make screenshots`: takes the README's pictures anew, of an installation with the demo data."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
SIZE = {"width": 1280, "height": 800}

# file: (who is signed in, address, dark)
SHOTS = {
    "overview": ("owner@example.com", "/o/harbor/", False),
    "members-dark": ("owner@example.com", "/o/harbor/members/", True),
    "admin-settings": (
        "staff@example.com",
        "/admin/hierarchy/application/3/settings/privacy/",
        False,
    ),
}


def main() -> None:
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from tests.browser.installation import Installation

    with tempfile.TemporaryDirectory(prefix="canopy-pictures-") as folder:
        installation = Installation(Path(folder), "pictures")
        try:
            installation.wait_until_it_answers()
            take(installation.url)
        finally:
            installation.stop()


def take(url: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    executable = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for name, (email, address, dark) in SHOTS.items():
            shoot(browser, url, name, email, address, dark=dark)
        browser.close()


def shoot(browser: Browser, url: str, name: str, email: str, address: str, *, dark: bool) -> None:
    from hierarchy.demo import PASSWORD

    scheme = "dark" if dark else "light"
    context = browser.new_context(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{url}/accounts/login/?next={address}")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"{url}{address}")
    page.screenshot(path=PICTURES / f"{name}.png")
    print(f"docs/pictures/{name}.png")
    context.close()


if __name__ == "__main__":
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "true"}
    main()
