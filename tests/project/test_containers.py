"""Dockerfile, development container and conda recipe name what there is: no engine runs them here."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from nestlab.cli.app import build_parser
from nestlab.version import __version__

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
STEPS = re.findall(r"^([A-Z]+) (.*)$", DOCKERFILE, re.MULTILINE)
DEVCONTAINER = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
RECIPE = yaml.safe_load((ROOT / "conda/recipe.yaml").read_text(encoding="utf-8"))
CONDA_NAMES = {"matplotlib-base": "matplotlib"}


def command_lines():
    """The commands of nestlab in these files."""
    (command,) = (json.loads(words) for name, words in STEPS if name == "CMD")
    yield command
    for name, words in STEPS:
        if name == "RUN" and words.startswith("nestlab "):
            yield shlex.split(words)
    for key in ("postCreateCommand", "postAttachCommand"):
        yield DEVCONTAINER[key].removeprefix("python -m ").split()
    for test in RECIPE["tests"]:
        yield from (line.split() for line in test.get("script", ()))


@pytest.mark.parametrize("words", list(command_lines()), ids=" ".join)
def test_its_commands_are_understood(words):
    name, *arguments = words
    assert name == "nestlab"
    if arguments == ["--version"]:
        return
    assert callable(build_parser(arguments[:1]).parse_args(arguments).run)


def test_the_dockerfile_has_known_instructions_and_starts_from_an_image():
    known = {"FROM", "COPY", "RUN", "USER", "WORKDIR", "EXPOSE", "CMD"}
    lines = [line for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
    assert len(lines) == len(STEPS)
    assert STEPS[0][0] == "FROM"
    assert {name for name, _ in STEPS} <= known


def test_the_server_of_the_image_is_the_port_that_it_exposes():
    steps = dict(STEPS)
    command = json.loads(steps["CMD"])
    assert command[command.index("--port") + 1] == steps["EXPOSE"]
    assert command[command.index("--ip") + 1] == "0.0.0.0"  # noqa: S104  # inside of the container
    assert steps["USER"] != "root"


def test_the_port_of_the_development_container_is_forwarded():
    words = DEVCONTAINER["postAttachCommand"].split()
    assert [int(words[words.index("--port") + 1])] == DEVCONTAINER["forwardPorts"]


def test_each_python_is_one_that_the_project_supports():
    named = re.findall(r"python:(3\.\d+)", f"{DOCKERFILE} {DEVCONTAINER['image']}")
    supported = SpecifierSet(PROJECT["requires-python"])
    assert len(named) == 2
    assert all(
        f"Programming Language :: Python :: {each}" in PROJECT["classifiers"] for each in named
    )
    assert all(each in supported for each in named)


def test_the_conda_package_requires_what_the_project_does():
    found = [Requirement(text) for text in RECIPE["requirements"]["run"]]
    conda = {CONDA_NAMES.get(each.name, each.name): each.specifier for each in found}
    wanted = [Requirement(text) for text in PROJECT["dependencies"]]
    assert conda.pop("python") == SpecifierSet(PROJECT["requires-python"])
    assert conda == {each.name: each.specifier for each in wanted}


def test_the_conda_package_is_of_this_version_and_licence():
    assert RECIPE["package"]["version"] == __version__
    assert RECIPE["about"]["license"] == PROJECT["license"]
    assert RECIPE["about"]["license_file"] == PROJECT["license-files"]
