"""Make .venv and install locked packages into it: `install.py VENV STAMP LOCK...`.

Runs with whatever `python3` there is, before anything is installed, so it uses only the standard
library and says in one sentence what is missing. The stamp file tells make when that was done.
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


def main(venv, stamp, locks):
    """Install everything that `locks` name, then touch `stamp`."""
    refuse_unsupported_python()
    if not (venv / "bin" / "python").exists():
        refuse_missing_venv_module()
        refuse_full_disk(venv.parent)
        say("Creating %s with Python %d.%d …" % (venv.name, *sys.version_info[:2]))
        run([sys.executable, "-m", "venv", str(venv)], "Creating %s failed" % venv.name)
    started = time.time()
    say("Installing %d packages …" % sum(map(count, locks)))
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    options = ["--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes"]
    files = [part for lock in locks for part in ("-r", str(lock))]
    run(pip + options + files, "Installing packages failed")
    say("Installed in %d seconds." % (time.time() - started))
    stamp.touch()


def refuse_unsupported_python():
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(
            "Python %d.%d is not supported: install Python 3.11, 3.12 or 3.13, and name it if it"
            " is not python3, for example `make run PYTHON=python3.12`." % sys.version_info[:2]
        )


def refuse_missing_venv_module():
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            "This Python can't create virtual environments: install the missing part, on Debian"
            " and Ubuntu by `sudo apt-get install python%d.%d-venv`." % sys.version_info[:2]
        )


def refuse_full_disk(folder):
    free = shutil.disk_usage(str(folder)).free // 1_000_000
    if free < SPACE_MEGABYTES:
        sys.exit(
            "There are only %d MB free on the disk of %s: free at least %d MB and try again."
            % (free, folder, SPACE_MEGABYTES)
        )


def count(lock):
    """Return how many packages `lock` names."""
    return len(re.findall(r"^[A-Za-z0-9][^\s=]*==", lock.read_text(), flags=re.MULTILINE))


def run(command, complaint):
    """Run `command` silently; when it fails show what it said, and end with `complaint`."""
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    )
    if result.returncode == 0:
        return
    print(result.stdout)
    if "No space left on device" in result.stdout:
        sys.exit("%s: the disk is full. Free some space and try again." % complaint)
    sys.exit("%s: see the lines above, then run the same command again." % complaint)


def say(sentence):
    print(sentence, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
