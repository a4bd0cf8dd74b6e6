"""Options of the whole test run."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("nestlab", deadline=None, print_blob=True)  # two busy cores make any deadline a coin toss
settings.load_profile("nestlab")


def pytest_addoption(parser):
    parser.addoption("--update-cases", action="store_true", help="rewrite the expected part of the case files; then read `git diff`")


@pytest.fixture
def update_cases(request):
    """Whether the expected part of the case files is to be rewritten."""
    return request.config.getoption("--update-cases")
