"""Options of the whole test run."""

from __future__ import annotations

import itertools
import os

import pytest
from hypothesis import settings

from nestlab import texts
from nestlab.simulator import host

settings.register_profile(
    "nestlab", deadline=None, print_blob=True
)  # two busy cores make any deadline a coin toss
settings.load_profile("nestlab")

os.environ[texts.VARIABLE] = texts.SOURCE_LANGUAGE  # what tests quote, also of child processes


_NUMBERS = itertools.count()


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


@pytest.fixture(autouse=True)
def progress_of_the_test(tmp_path_factory, monkeypatch):
    """Each test has a folder of its own for the progress of seats."""
    folder = tmp_path_factory.getbasetemp() / "progress" / str(next(_NUMBERS))
    monkeypatch.setenv("NESTLAB_PROGRESS", str(folder))


@pytest.fixture(autouse=True, scope="session")
def windows_language():
    """Let simulated hosts speak another language, where NESTLAB_TEST_LANGUAGE names one.

    The lab suite has to pass on each: nothing in the library may decide by a text of Windows.
    """
    language = os.environ.get("NESTLAB_TEST_LANGUAGE", "")
    if not language:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        load = host.load_scenario

        def spoken(*given, **options):
            return load(*given, **{**options, "language": options.get("language") or language})

        patch.setattr(host, "load_scenario", spoken)
        yield


@pytest.fixture
def spanish():
    """The language of all texts is Spanish during the test."""
    texts.set_language("es")
    yield
    texts.set_language("en")


@pytest.fixture
def in_spanish(spanish):
    """Calls a function in Spanish; English is the language around the calls."""
    texts.set_language("en")

    def call(function, *arguments):
        texts.set_language("es")
        found = function(*arguments)
        texts.set_language("en")
        return found

    return call
