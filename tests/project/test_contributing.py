"""What CONTRIBUTING says to edit and to run is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = re.findall(
    r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$",
    TEXT.partition("## Recipes")[2].partition("\n## ")[0],
    re.MULTILINE,
)[1:]


def named_paths():
    words = re.findall(r"(?:nestlab|tests|tools|docs)(?:/[\w.*-]+)+", TEXT)
    return sorted({word.rstrip(".") for word in words if not re.search(r"[A-Z]{3,}", word)})


@pytest.mark.parametrize("path", named_paths())
def test_what_it_names_is_there(path):
    assert any(ROOT.glob(path))


@pytest.mark.parametrize("recipe", RECIPES, ids=[recipe[0] for recipe in RECIPES])
def test_a_recipe_has_files_a_test_and_a_command(recipe):
    _, edit, test, run = recipe
    assert re.search(r"`nestlab/", edit)
    assert re.search(r"`tests/", test)
    assert re.match(r"`(pytest|node --test) ", run)


def test_there_is_a_recipe_for_each_thing_that_people_add():
    wanted = {
        "a rule",
        "an error explanation",
        "a cmdlet",
        "a scenario",
        "a plain key: one parameter of Set-VM or Set-VMNetworkAdapter",
        "any other key of the topology file",
    }
    assert wanted <= {recipe[0] for recipe in RECIPES}


def test_the_layers_it_draws_are_those_of_the_contract():
    import tomllib

    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
    (contract,) = (item for item in contracts if item.get("containers") == ["nestlab"])
    drawn = TEXT.partition("## Layers\n\n```\n")[2].partition("```")[0]
    layers = [re.split(r"\s{2,}", line)[0] for line in drawn.splitlines()]
    assert layers == [
        layer
        for layer in contract["layers"]
        if layer not in ("__main__", "bootstrap", "bootstrap_installer", "bootstrap_stamp")
    ]
