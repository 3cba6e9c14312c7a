"""Stop the server of a test run, and remove its folder, once the run has ended or was killed.

It reads from a pipe that only the run can write to, and nobody does: the pipe's end is the run's.
"""

import shutil
import sys
from pathlib import Path

from config.development import embedded_postgres

folder = Path(sys.argv[1])
sys.stdin.read()
embedded_postgres.stop(folder / "pg", delete=True)
shutil.rmtree(folder, ignore_errors=True)
