"""`make bench`: what access costs, and how it grows. Prints BENCH <name> <value> <target> ok|short.

Two platforms of different size stand side by side in a throw-away PostgreSQL; every question is
asked of both in turn, and only ratios within one run are judged. SIZE=10 makes a quick run, and
ONLY="checks lists" asks of these themes alone. docs/benchmarks.md tells what the figures mean.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
THEMES = (
    "checks",
    "lists",
    "members",
    "searches",
    "serving",  # before the pages of the console begin a review, which would wait on home
    "crowd",
    "cold_load",
    "console_pages",
    "staff_admin",
    "writing",
    "query_counts",
    "starting",
)


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from config.development import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="canopy-bench-") as folder:
        Path(folder).chmod(0o711)
        data = Path(folder) / "pg"
        embedded_postgres.start(data, throw_away=True)
        os.environ |= {
            "DATABASE_URL": embedded_postgres.url(data),
            "DEBUG": "false",
            "BASE_URL": "http://localhost",
            "SECRET_KEY": "only-for-the-benchmark-0123456789-abcdefghijklmnopqrstuvwxyz",
            "VAR_DIR": folder,
            "STATEMENT_TIMEOUT_SECONDS": "600",
            "DJANGO_SETTINGS_MODULE": "tests.lab.benchmarks.settings",
        }
        try:
            measure(int(os.environ.get("SIZE", "100")))
        finally:
            embedded_postgres.stop(data, delete=True)


def measure(size: int) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    logging.disable(logging.WARNING)  # a line for each request would hide the figures
    from tests.lab.benchmarks import databases, measuring

    call_command("collectstatic", interactive=False, verbosity=0)
    databases.create(size)
    for theme in os.environ.get("ONLY", "").split() or THEMES:
        import_module(f"tests.lab.benchmarks.{theme}").measure()
    databases.close()
    measuring.conclude()


if __name__ == "__main__":
    main()
