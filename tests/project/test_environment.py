"""environment.yml, constraints.txt and pyproject.toml say the same, and name no place on this or any other machine."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA_NAMES = {"matplotlib-base": "matplotlib"}


def requirements(texts):
    return {canonicalize_name(item.name): item.specifier for item in map(Requirement, texts)}


def conda_requirements():
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    named = requirements(entry for entry in entries if isinstance(entry, str))
    return {CONDA_NAMES.get(name, name): specifier for name, specifier in named.items()}, [
        e for e in entries if isinstance(e, dict)
    ]


def test_conda_and_pip_get_the_same_packages():
    conda, pip = conda_requirements()
    assert conda.pop("python") == SpecifierSet(PROJECT["requires-python"])
    assert conda.pop("pip") == SpecifierSet()
    assert conda == requirements(PROJECT["dependencies"])
    assert pip == [{"pip": ["-e ."]}]


def test_every_requirement_is_pinned_to_a_version_it_allows():
    pins = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            pins.setdefault(canonicalize_name(pin.name), []).append(
                next(iter(pin.specifier)).version
            )
    wanted = [
        *PROJECT["dependencies"],
        *(text for extra in PROJECT["optional-dependencies"].values() for text in extra),
    ]
    for requirement in map(Requirement, wanted):
        if requirement.name != "nestlab":
            versions = pins[canonicalize_name(requirement.name)]
            assert all(version in requirement.specifier for version in versions), requirement


@pytest.mark.parametrize("name", ["constraints.txt", "pyproject.toml", "environment.yml"])
def test_no_index_and_no_folder_is_named(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|\[\[?tool\.uv", text)


def test_no_lock_file_is_committed():
    listed = subprocess.run(
        ["git", "ls-files", "*.lock", "uv.toml", "pip.conf"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert listed.stdout == ""
