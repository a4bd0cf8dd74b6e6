"""Test a built wheel: ``python tools/test_wheel.py dist``.

The wheel is installed with its tests' tools into an environment of its own, and the tests run in a
copy of the clone that lacks the package, so that a file which the wheel does not have is missed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Small, and with all the files that are not Python: schemas, scenarios, signatures, scripts.
NEED_SOURCE = "test_the_units_pass_in_node or test_there_is_a_script_to_check"
FOLDERS = ("model", "topology_file", "drawing", "known_errors", "notebook")


def main(folder: Path) -> int:
    """Return the exit code of the tests."""
    (wheel,) = folder.resolve().glob("nestlab-*.whl")
    with tempfile.TemporaryDirectory() as work:
        environment, clone = Path(work) / "venv", Path(work) / "clone"
        venv.create(environment, with_pip=True)
        python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        install = [python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt"]
        subprocess.run([*install, f"{wheel}[test]"], check=True)
        shutil.copytree(ROOT, clone, ignore=shutil.ignore_patterns(".*", "nestlab", "build"))
        folders = [f"tests/{name}" for name in FOLDERS if (clone / "tests" / name).is_dir()]
        for command in (
            [python, "-m", "nestlab", "check", "notebooks/topologies/nat-lab.yml"],
            [python, "-m", "pytest", "-q", "-n", "auto", "-k", f"not ({NEED_SOURCE})", *folders],
        ):
            code = subprocess.run(command, cwd=clone, check=False).returncode
            if code:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if sys.argv[1:] else "dist")))
