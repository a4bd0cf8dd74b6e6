"""Programs that read what nestlab exports: npm's packages, Graphviz, pdftotext.

Where NESTLAB_REQUIRE_READERS is set, as in continuous integration, a missing one is a failure;
elsewhere its tests are skipped and say why.
"""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

REQUIRED = "NESTLAB_REQUIRE_READERS"


def not_available(reason: str) -> NoReturn:
    """Skip the test for a reason; where the readers are required, fail."""
    if os.environ.get(REQUIRED):
        pytest.fail(f"{reason} ({REQUIRED} is set)")
    pytest.skip(reason)


def program(name: str, package: str) -> str:
    """Return the path of a program; without it the test is not run. `package` is its Debian package."""
    path = shutil.which(name)
    if path is None:
        not_available(f"needs {name}, on Debian of the package {package}")
    return path
