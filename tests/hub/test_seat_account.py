"""A hub that runs as root: what it writes for a learner has the rights of the learner's account."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

import nestlab
from nestlab import workshop
from nestlab.hub import SeatHook
from nestlab.workshop.stage_progress import StageProgress, seat_file
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written

USER = "nobody"


def python_of_all():
    """Return a Python that the account can run, with nestlab; None where there is none."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    environment = {"PYTHONPATH": str(Path(nestlab.__file__).parents[1])}
    for python in (sys.executable, shutil.which("python3", path=os.defpath)):
        command = [str(python), "-P", "-c", "import nestlab.workshop.seat_files"]
        try:
            subprocess.run(
                command,
                user=USER,
                group=65534,
                extra_groups=(),
                cwd="/",
                env=environment,
                check=True,
            )
        except (OSError, LookupError, subprocess.CalledProcessError):
            continue
        return python
    return None


PYTHON = python_of_all()
pytestmark = pytest.mark.skipif(PYTHON is None, reason="needs root, and a Python of all accounts")


@pytest.fixture(autouse=True)
def _python(monkeypatch):
    monkeypatch.setattr(sys, "executable", PYTHON)


@pytest.fixture
def root():
    """Return a folder of root that all accounts can enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name).resolve()


@pytest.fixture
def hook(root):
    (root / "class").mkdir(mode=0o700)
    file = written(root / "class", SMALL_CLASS, SMALL_LAB)
    return SeatHook(workshop.load(file), root / "hub", {USER: "ada"}, restricted=False)


def begin(hook):
    user = SimpleNamespace(name=USER, admin=False)
    hook(SimpleNamespace(user=user, environment={}, notebook_dir="", default_url=""))
    return hook.folder / "seats" / "ada"


def owner(path):
    return path.lstat().st_uid


def test_the_account_owns_its_folder_and_its_files(hook):
    folder = begin(hook)
    names = {path.name for path in folder.iterdir()}
    assert names == {"_workshop.yml", "_lab.yml", "_seat.yml", "ada.yml", "stages.ipynb"}
    account = owner(folder)
    assert account != 0
    assert {owner(path) for path in folder.iterdir()} == {account}
    assert owner(hook.folder / "progress" / "ada") == account
    assert owner(folder.parent) == 0


def test_the_account_owns_what_was_known_before_its_first_server(hook):
    seat, folder = hook.workshop.seat("ada"), hook.folder / "progress"
    before = StageProgress(seat, seat_file(seat, folder))
    before.mark_check(hook.workshop.stages[0], passed=True)
    account = owner(begin(hook))
    (file,) = folder.rglob("*.json")
    assert (file.parent.name, owner(file), owner(file.parent)) == ("ada", account, account)
    assert StageProgress(seat, file).is_done(hook.workshop.stages[0])


def test_a_link_of_the_learner_gives_nothing_of_root_away(hook, root):
    folder = begin(hook)
    for name, path in (("secret", "x"), ("settings", "_workshop.yml"), ("topology", "ada.yml")):
        (root / name).write_text(name, encoding="utf-8")
        (folder / path).unlink(missing_ok=True)
        (folder / path).symlink_to(root / name)
    with pytest.raises(nestlab.NestlabError, match="Permission denied"):
        begin(hook)
    for name in ("secret", "settings", "topology"):
        assert (root / name).read_text(encoding="utf-8") == name
        assert owner(root / name) == 0


def test_a_folder_that_learners_could_replace_is_refused(hook):
    begin(hook)
    (hook.folder / "seats").chmod(0o777)
    with pytest.raises(nestlab.UsageError, match="replace the folders of others"):
        begin(hook)


def test_the_process_of_the_account_has_no_secret_of_the_hub(hook, monkeypatch):
    monkeypatch.setenv("CONFIGPROXY_AUTH_TOKEN", "of-the-hub")
    seen = []
    original = subprocess.run

    def run(command, **options):
        seen.append(options["env"])
        return original(command, **options)

    monkeypatch.setattr(subprocess, "run", run)
    begin(hook)
    assert len(seen) == 1
    assert "CONFIGPROXY_AUTH_TOKEN" not in seen[0]
