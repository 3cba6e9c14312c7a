#!/usr/bin/env bash
# One would guess:  a form sends an e-mail address as it was typed.
# What is so:       in <input type="email"> Chromium rewrites the domain while it is typed, by the rules
#                   of 2003: anna@straße.de is sent as anna@strasse.de, another domain, and
#                   anna@bücher.de as anna@xn--bcher-kva.de. Set by a script, the same address stays.
# Why it matters:   the server can't tell what was meant, and an invitation goes to a stranger. So our
#                   controls for addresses are of type "text".
# Seen with:        Chromium 156, playwright 1.65.2, on 2026-11-30
# Needs a Chromium; CHROMIUM names it where it isn't /usr/bin/chromium.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet playwright==1.65.2

"$folder/venv/bin/python" - <<'PYTHON'
import os
from importlib.metadata import version

from playwright.sync_api import sync_playwright

PAGE = "<form><input type=email id=email><input type=text id=text></form>"
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
    )
    page = browser.new_page()
    page.set_content(PAGE)
    print("Chromium", browser.version, "playwright", version("playwright"))
    seen = {}
    for kind in ("email", "text"):
        for typed in ("anna@straße.de", "anna@bücher.de"):
            control = page.locator(f"#{kind}")
            control.fill("")
            control.press_sequentially(typed)
            seen[kind, typed] = control.input_value()
            print(f"typed into type={kind}: {typed:15} value: {seen[kind, typed]}")
    page.evaluate("document.querySelector('#email').value = 'anna@straße.de'")
    by_script = page.locator("#email").input_value()
    print(f"set by a script:                       value: {by_script}")
    browser.close()

assert seen["email", "anna@straße.de"] == "anna@strasse.de", "Chromium has changed"
assert seen["email", "anna@bücher.de"] == "anna@xn--bcher-kva.de", "Chromium has changed"
assert seen["text", "anna@straße.de"] == "anna@straße.de"
assert by_script == "anna@straße.de", "Chromium has changed"
PYTHON
