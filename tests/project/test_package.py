"""The wheel is whole: notebooks, documentation and metadata; and the page that the package gets."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_string
from email.policy import default
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from trove_classifiers import classifiers

from nestlab.version import __version__
from tools.package_readme import package_readme

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000
SHIPPED = "nestlab/shipped/"
SOURCES = ("nestlab", "notebooks", "docs", "tools")
OF_THE_USER = ("notebooks/my-lab.yml", "notebooks/.ipynb_checkpoints/00-start-here.ipynb")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of a clone in which someone has worked."""
    clone = tmp_path_factory.mktemp("clone")
    for name in SOURCES:
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.iterdir():
        if path.is_file() and path.name != ".git":
            shutil.copyfile(path, clone / path.name)
    for name in OF_THE_USER:
        (clone / name).parent.mkdir(exist_ok=True)
        (clone / name).write_text("mine", encoding="utf-8")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", clone / "dist"]
    run = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return next((clone / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as file:
        return set(file.namelist())


LEFT_OUT = {
    "docs/apply.md",
    "docs/explanation/architecture.md",
    "docs/explanation/texts.md",
    "docs/findings.md",
    "docs/page.webp",
}
"""What the wheel is too small for: pages for those who work on nestlab, and what is shown otherwise."""


@pytest.fixture(scope="module")
def metadata(wheel):
    with zipfile.ZipFile(wheel) as file:
        (name,) = (name for name in file.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_string(file.read(name).decode("utf-8"), policy=default)


def test_it_is_smaller_than_three_megabytes(wheel):
    assert wheel.stat().st_size < 3 * MEGABYTE


def test_it_has_the_notebooks_and_the_documentation(names):
    listed = subprocess.run(
        ["git", "ls-files", "notebooks", "docs"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is not a clone with its history, so its files are not known")
    shipped = {name.removeprefix(SHIPPED) for name in names if name.startswith(SHIPPED)}
    assert shipped == set(listed.stdout.splitlines()) - LEFT_OUT


def test_what_the_user_made_stays_out(names):
    assert [name for name in names if name.endswith(OF_THE_USER)] == []


def test_it_has_every_file_that_the_package_reads(names):
    there = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "nestlab").rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".po")
    }
    assert there - names == set()
    assert "nestlab/py.typed" in names


def test_its_licence_goes_with_it(names, metadata):
    assert metadata["License-Expression"] == "MIT"
    licences = {name.rpartition("/")[2] for name in names if "/licenses/" in name}
    assert licences == {"LICENSE", "NOTICE.md"}


def test_its_classifiers_are_known_ones(metadata):
    found = metadata.get_all("Classifier")
    assert "Typing :: Typed" in found
    assert set(found) <= classifiers


def test_a_browser_gets_what_it_can_use(metadata):
    wanted = [Requirement(text) for text in metadata.get_all("Requires-Dist")]

    def names_on(platform):
        environment = {"sys_platform": platform, "extra": ""}
        return {
            requirement.name
            for requirement in wanted
            if requirement.marker is None or requirement.marker.evaluate(environment)
        }

    left_out = {"cryptography", "jupyterlab", "keyring", "pypsrp", "pyspnego"}
    for platform in ("linux", "win32", "darwin"):
        assert names_on(platform) - names_on("emscripten") == left_out


def test_its_page_has_no_link_that_leads_nowhere(metadata):
    page = metadata.get_payload()
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert page.startswith("# nestlab")
    links = re.findall(r"\]\(([^)]*)\)", page)
    assert [link for link in links if not link.startswith(("https://", "#"))] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![a lab](docs/nat-lab.svg)\n\nText", "Text"),
        ("[Images](docs/images.md#sizes)", "Images (`docs/images.md`)"),
        ("[LICENSE](LICENSE), [`a.json`](a.json)", "`LICENSE`, `a.json`"),
        ("[uv](https://docs.astral.sh/uv/)", "[uv](https://docs.astral.sh/uv/)"),
        ("[below](#licence)", "[below](#licence)"),
    ],
)
def test_links_to_files_become_their_names(text, expected):
    assert package_readme(text) == expected


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["version"] == __version__
    assert citation["license"] == project["license"]
    assert citation["authors"] == [{"name": author["name"]} for author in project["authors"]]
    assert citation["title"] == project["name"]
