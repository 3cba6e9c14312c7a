"""Put one thing wrong at a time in the code that decides, and see whether a test notices.

Prints each change that no test noticed, and for each module `MUTANTS <module> <killed> of <all>`.
`run.py MODULE...` tries only these. MUTANTS names a file to keep the results in; EARLIER names
such a file of an earlier run: what was noticed then, be it on another line by now, counts as
noticed and isn't tried again. EVERY=4 tries every fourth change.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from cosmic_ray.ast import ast_nodes, get_ast  # noqa: E402
from cosmic_ray.mutating import mutate_code  # noqa: E402
from coverage import CoverageData  # noqa: E402

from config.development import embedded_postgres  # noqa: E402
from tests.lab.mutants.operators import inert_places, operators  # noqa: E402
from tests.lab.mutants.selection import Selection  # noqa: E402

WORKERS = os.cpu_count() or 1
# A change that makes the tests endless is noticed: after so many times what they take without it.
PATIENCE = 5
TARGET = 0.9
UNKNOWN_TEST = 4  # what pytest returns when a test that was asked for isn't there
# Without what takes long to start, or to read.
PLUGINS = ["-p", "no:logging", "-p", "no:hypothesispytest"]

# What one may do, what one sees, and why: three modules that the same tests hold to account.
_OF_ACCESS = [
    "tests/hierarchy/test_access.py",
    "tests/hierarchy/test_access_custom_and_dated.py",
    "tests/hierarchy/test_explanations.py",
    "tests/hierarchy/members/actions/test_memberships.py",
    "tests/hierarchy/home/views/test_view_as.py",
    "tests/hierarchy/home/views/test_access.py",
    "tests/hierarchy/nodes/views/test_slugs.py",
    "tests/hierarchy/nodes/views/test_trash.py",
    "tests/hierarchy/staff/admin/test_lists.py",
    "tests/hierarchy/nodes/actions/test_transfers.py",
    "tests/hierarchy/members/views/test_memberships.py",
]
# The tests that hold each module to account, those that notice most first.
TESTS = {
    "hierarchy/roles.py": [
        "tests/hierarchy/test_roles.py",
        "tests/hierarchy/test_access.py",
        "tests/hierarchy/members/actions/test_custom_roles.py",
        "tests/hierarchy/members/views/test_custom_roles.py",
    ],
    "hierarchy/access.py": _OF_ACCESS,
    "hierarchy/visible.py": _OF_ACCESS,
    "hierarchy/explanations.py": _OF_ACCESS,
    "hierarchy/console/lookup.py": [
        "tests/hierarchy/console/test_lookup.py",
        "tests/hierarchy/nodes/actions/test_slugs.py",
        "tests/hierarchy/nodes/views/test_slugs.py",
        "tests/hierarchy/members/views/test_memberships.py",
        "tests/hierarchy/nodes/actions/test_transfers.py",
    ],
    "hierarchy/grants.py": [
        "tests/hierarchy/test_grants.py",
        "tests/hierarchy/members/actions/test_memberships.py",
        "tests/hierarchy/members/actions/test_membership_dates.py",
        "tests/hierarchy/test_access_custom_and_dated.py",
        "tests/hierarchy/test_access.py",
        "tests/hierarchy/members/actions/test_custom_roles.py",
        "tests/hierarchy/nodes/actions/test_transfers.py",
        "tests/hierarchy/management/test_resync_permissions.py",
    ],
    "hierarchy/members/actions/memberships.py": [
        "tests/hierarchy/test_transactions.py",
        "tests/hierarchy/members/actions/test_memberships.py",
        "tests/hierarchy/members/actions/test_membership_dates.py",
        "tests/hierarchy/members/actions/test_membership_batches.py",
        "tests/hierarchy/test_access_custom_and_dated.py",
        "tests/hierarchy/members/actions/test_accounts.py",
        "tests/hierarchy/members/actions/test_ownership.py",
        "tests/hierarchy/members/actions/test_custom_roles.py",
        "tests/hierarchy/joining/actions/test_email_domains.py",
        "tests/hierarchy/joining/actions/test_access_requests.py",
        "tests/hierarchy/members/views/test_memberships.py",
        "tests/hierarchy/members/admin/test_memberships.py",
    ],
    "hierarchy/members/actions/rules.py": [
        "tests/hierarchy/members/actions/test_memberships.py",
        "tests/hierarchy/members/actions/test_membership_dates.py",
        "tests/hierarchy/joining/actions/test_invitations.py",
        "tests/hierarchy/joining/actions/test_access_requests.py",
        "tests/hierarchy/members/actions/test_custom_roles.py",
        "tests/hierarchy/joining/actions/test_email_domains.py",
        "tests/hierarchy/joining/views/test_joining.py",
    ],
    "hierarchy/members/actions/owners.py": [
        "tests/hierarchy/members/actions/test_owners.py",
        "tests/hierarchy/members/actions/test_memberships.py",
        "tests/hierarchy/members/actions/test_membership_dates.py",
        "tests/hierarchy/members/actions/test_accounts.py",
        "tests/hierarchy/members/actions/test_ownership.py",
        "tests/hierarchy/members/actions/test_custom_roles.py",
        "tests/hierarchy/joining/actions/test_email_domains.py",
        "tests/hierarchy/reviews/actions/test_access_reviews.py",
        "tests/hierarchy/members/views/test_memberships.py",
    ],
    "hierarchy/joining/actions/invitations.py": [
        "tests/hierarchy/test_transactions.py",
        "tests/hierarchy/joining/actions/test_invitations.py",
        "tests/hierarchy/joining/actions/test_invitation_batches.py",
        "tests/hierarchy/joining/actions/test_reminders.py",
        "tests/hierarchy/joining/test_invitation_mail.py",
        "tests/hierarchy/joining/views/test_received_invitations.py",
        "tests/hierarchy/joining/views/test_invitations.py",
        "tests/hierarchy/joining/views/test_invitation_board.py",
        "tests/hierarchy/joining/admin/test_invitations.py",
    ],
    "hierarchy/joining/actions/invitation_limits.py": [
        "tests/hierarchy/joining/actions/test_invitation_limits.py",
        "tests/hierarchy/joining/actions/test_invitations.py",
        "tests/hierarchy/joining/actions/test_invitation_batches.py",
        "tests/hierarchy/joining/actions/test_reminders.py",
        "tests/hierarchy/joining/views/test_invitation_board.py",
    ],
    "hierarchy/members/actions/pending.py": [
        "tests/hierarchy/members/actions/test_memberships.py",
        "tests/hierarchy/joining/actions/test_invitations.py",
        "tests/hierarchy/members/actions/test_ownership.py",
        "tests/hierarchy/nodes/actions/test_transfers.py",
        "tests/hierarchy/joining/actions/test_access_requests.py",
        "tests/hierarchy/joining/actions/test_email_domains.py",
    ],
    "hierarchy/members/actions/blocks.py": [
        "tests/hierarchy/test_transactions.py",
        "tests/hierarchy/joining/actions/test_access_requests.py",
        "tests/hierarchy/joining/actions/test_email_domains.py",
        "tests/hierarchy/members/actions/test_memberships.py",
        "tests/hierarchy/nodes/actions/test_transfers.py",
        "tests/hierarchy/joining/views/test_joining.py",
    ],
}


class Workplace:
    """A copy of the project with a database of its own, where changes can be tried."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder = folder
        ignored = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", "pictures")
        shutil.copytree(ROOT, folder, ignore=ignored)
        self.environment = os.environ | {
            "DEBUG": "true",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "TEST_DATABASE_URL": server.replace("/canopy?", f"/{folder.name}?"),
            "PYTHONDONTWRITEBYTECODE": "",  # what doesn't change is compiled once
        }
        self.seconds: dict[str, float] = {}  # what the tests of a module took without any change

    def passes_unchanged(self, module: str) -> bool:
        """Return whether the tests of the module pass as they are, and note how long they take."""
        started = time.monotonic()
        done = self._test(TESTS[module])
        self.seconds[module] = time.monotonic() - started
        if done.returncode:
            print(done.stdout[-3000:], flush=True)
        return done.returncode == 0

    def selection(self, module: str) -> Selection:
        """Return which tests run which lines of the module."""
        settings = self.folder / "coverage.ini"
        results = self.folder / "coverage.data"
        settings.write_text(f"[run]\ninclude = {module}\ndata_file = {results}\n")
        arguments = ["--cov", f"--cov-config={settings}", "--cov-context=test", "--cov-report="]
        self._test([*arguments, *TESTS[module]]).check_returncode()
        data = CoverageData(str(results))
        data.read()
        return Selection((ROOT / module).read_text(), data)

    def notices(self, module: str, source: str, tests: list[str]) -> str | None:
        """Return which test fails with `source` in the module's place, or "" for all at once."""
        path = self.folder / module
        original = path.read_text()
        for stale in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
            stale.unlink()  # a change within the same second would not be noticed
        path.write_text(source)
        try:
            done = self._test(tests or TESTS[module], most=PATIENCE * self.seconds[module])
            if done.returncode == UNKNOWN_TEST:  # the change gives tests other names
                done = self._test(TESTS[module], most=PATIENCE * self.seconds[module])
        except subprocess.TimeoutExpired:
            return ""
        finally:
            path.write_text(original)
        if done.returncode == 0:
            return None
        failed = re.search(r"^(?:FAILED|ERROR) (tests/\S+::\S+)", done.stdout, re.MULTILINE)
        return failed[1] if failed else ""

    def _test(
        self, tests: list[str], most: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        arguments = self.folder / "arguments.txt"
        arguments.write_text("\n".join(["-x", *PLUGINS, "--reuse-db", *tests]))
        return subprocess.run(
            [sys.executable, "-m", "pytest", f"@{arguments}"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            timeout=most,
            check=False,
            text=True,
        )


def mutants(source: str):
    """Yield (operator, line, changed source) for each change that can make a difference."""
    inert = inert_places(source)
    tree = get_ast(source)
    seen = {source}
    for name, operator in operators().items():
        places = [place for node in ast_nodes(tree) for place in operator.mutation_positions(node)]
        for occurrence, (start, _end) in enumerate(places):
            if any(first <= start < last for first, last in inert):
                continue
            changed = mutate_code(source, operator, occurrence)
            if changed is not None and changed not in seen and _is_python(changed):
                seen.add(changed)
                yield name, start[0], changed


def _is_python(source: str) -> bool:
    try:
        compile(source, "changed", "exec")
    except SyntaxError:
        return False
    return True


def _noticed_earlier() -> set[tuple[str, str, str]]:
    """Return the (module, operator, change) that a test has noticed in the run of EARLIER."""
    if "EARLIER" not in os.environ:
        return set()
    rows = map(json.loads, Path(os.environ["EARLIER"]).read_text().splitlines())
    return {(row["module"], row["operator"], row["change"]) for row in rows if row["killed"]}


def _change(source: str, changed: str) -> str:
    """Return the lines that differ, with enough of those around to tell it from other changes."""
    lines = difflib.unified_diff(source.splitlines(), changed.splitlines(), n=3)
    return "\n".join(text for text in lines if text[:3] not in ("+++", "---", "@@ "))


def _passes_unchanged(module: str, places: list[Workplace]) -> bool:
    with ThreadPoolExecutor(WORKERS) as pool:
        return all(pool.map(lambda place: place.passes_unchanged(module), places))


def try_module(module: str, places: list[Workplace]) -> tuple[int, int]:
    """Return how many changes of the module were noticed, and how many were tried."""
    workplaces: SimpleQueue[Workplace] = SimpleQueue()
    for place in places:
        workplaces.put(place)
    source = (ROOT / module).read_text()
    chosen = list(mutants(source))[:: int(os.environ.get("EVERY", "1"))]
    earlier = _noticed_earlier()
    selection = places[0].selection(module)

    def is_noticed(mutant) -> bool:
        name, line, changed = mutant
        change = _change(source, changed)
        if (module, name, change) in earlier:
            return True
        workplace = workplaces.get()
        try:
            test = workplace.notices(module, changed, selection.tests_for(line))
        finally:
            workplaces.put(workplace)
        if test is None:
            print(f"SURVIVED {module}:{line} {name}")
            different = [text for text in change.splitlines() if text[:1] in "+-" and text[1:]]
            print(*different, sep="\n", flush=True)
        elif test:
            selection.note(test)
        if "MUTANTS" in os.environ:
            row = {"module": module, "operator": name, "change": change}
            row["killed"] = test is not None
            with Path(os.environ["MUTANTS"]).open("a") as kept:
                kept.write(json.dumps(row) + "\n")
        return test is not None

    with ThreadPoolExecutor(WORKERS) as pool:
        noticed = sum(pool.map(is_noticed, chosen))
    return noticed, len(chosen)


def main() -> None:
    chosen = [name for name in TESTS if not sys.argv[1:] or Path(name).stem in sys.argv[1:]]
    with tempfile.TemporaryDirectory(prefix="canopy-mutants-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        embedded_postgres.start(folder / "pg", throw_away=True)
        is_short = False
        try:
            server = embedded_postgres.url(folder / "pg")
            places = [Workplace(folder / f"place{number}", server) for number in range(WORKERS)]
            for module in chosen:
                if not _passes_unchanged(module, places):
                    sys.exit(f"The tests of {module} fail without any change.")
                started = time.monotonic()
                killed, number = try_module(module, places)
                share = killed / number
                minutes = (time.monotonic() - started) / 60
                is_short |= share < TARGET
                print(f"MUTANTS {module} {killed} of {number} ({share:.1%}), {minutes:.0f} minutes")
        finally:
            embedded_postgres.stop(folder / "pg", delete=True)
    sys.exit(is_short)


if __name__ == "__main__":
    main()
