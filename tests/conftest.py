"""Options of the whole test run."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile(
    "nestlab", deadline=None, print_blob=True
)  # two busy cores make any deadline a coin toss
settings.load_profile("nestlab")


def pytest_addoption(parser):
    parser.addoption(
        "--update-cases",
        action="store_true",
        help="rewrite the expected part of the case files; then read `git diff`",
    )


@pytest.fixture
def update_cases(request):
    """Whether the expected part of the case files is to be rewritten."""
    return request.config.getoption("--update-cases")


@pytest.fixture(autouse=True, scope="session")
def journals_of_the_tests(tmp_path_factory):
    """No test reads or writes the journals of who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NESTLAB_JOURNALS", str(tmp_path_factory.mktemp("journals")))
        yield
