"""Make .venv and install locked packages into it: `install.py VENV STAMP LOCK...`.

Runs with whatever `python3` there is, before anything is installed, so it uses only the standard
library, keeps to a syntax that old versions read, and says in one sentence what is missing. The
stamp file tells make when that was done.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
SPACE_MEGABYTES = 700
VERSION = "{}.{}".format(*sys.version_info[:2])


def main(venv: Path, stamp: Path, locks: "list[Path]") -> None:
    """Install everything that `locks` name, then touch `stamp`."""
    refuse_unsupported_python()
    if not (venv / "bin" / "pip").exists():
        refuse_missing_venv_module()
        refuse_full_disk(venv.parent)
        print(f"Creating {venv.name} with Python {VERSION} …", flush=True)
        run([sys.executable, "-m", "venv", str(venv)], f"Creating {venv.name} failed")
    started = time.time()
    print(f"Installing {sum(map(count, locks))} packages …", flush=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    options = ["--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes"]
    files = [part for lock in locks for part in ("-r", str(lock))]
    run(pip + options + files, "Installing packages failed")
    print(f"Installed in {time.time() - started:.0f} seconds.", flush=True)
    stamp.touch()


def refuse_unsupported_python() -> None:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(
            f"Python {VERSION} is not supported: install Python 3.11, 3.12 or 3.13, and name it"
            " if it is not python3, for example `make run PYTHON=python3.12`."
        )


def refuse_missing_venv_module() -> None:
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit(
            "This Python can't create virtual environments: install the missing part, on Debian"
            f" and Ubuntu by `sudo apt-get install python{VERSION}-venv`."
        )


def refuse_full_disk(folder: Path) -> None:
    free = shutil.disk_usage(str(folder)).free // 1_000_000
    if free < SPACE_MEGABYTES:
        sys.exit(
            f"There are only {free} MB free on the disk of {folder}: free at least"
            f" {SPACE_MEGABYTES} MB and try again."
        )


def count(lock: Path) -> int:
    """Return how many packages `lock` names."""
    return len(re.findall(r"^[A-Za-z0-9][^\s=]*==", lock.read_text(), flags=re.MULTILINE))


def run(command: "list[str]", complaint: str) -> None:
    """Run `command` silently; when it fails show what it said, and end with `complaint`."""
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if result.returncode == 0:
        return
    print(result.stdout)
    if "No space left on device" in result.stdout:
        sys.exit(f"{complaint}: the disk is full. Free some space and try again.")
    sys.exit(f"{complaint}: see the lines above, then run the same command again.")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
