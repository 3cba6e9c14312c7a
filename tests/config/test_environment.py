import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ("config/settings.py", "config/gunicorn.py")


def test_explain_every_variable_that_is_read():
    read = {
        name
        for source in SOURCES
        for name in re.findall(
            r"(?:env\.\w+|environ\.get)\(\s*\"([A-Z_]+)\"", (ROOT / source).read_text()
        )
    }
    explained = set(
        re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    )

    assert read == explained
