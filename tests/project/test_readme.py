"""What the README shows is what there is."""

import re
from pathlib import Path

import nbformat
import pytest

from nestlab import drawing, topology_file

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_picture_is_what_draw_makes_today(tmp_path):
    drawing.save(
        topology_file.load(ROOT / "notebooks" / "topologies" / "nat-lab.yml"),
        tmp_path / "nat-lab.svg",
    )
    fresh, shown = (
        (folder / "nat-lab.svg").read_text(encoding="utf-8") for folder in (tmp_path, ROOT / "docs")
    )
    assert fresh == shown, (
        "make it anew: python -m nestlab draw notebooks/topologies/nat-lab.yml -o docs/nat-lab.svg"
    )


def test_the_topology_shown_is_right():
    (text,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert topology_file.loads(text).name == "nat-lab"


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", README))
def test_links_lead_to_files(link):
    assert link.startswith("https://") or (ROOT / link).is_file()


def test_the_notebooks_named_are_there():
    named = set(re.findall(r"^\| `(\d\d-[a-z-]+)`", README, re.MULTILINE))
    assert named == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}


WORDS_IN_A_MINUTE = 200
MINUTES = {
    name: int(minutes)
    for name, minutes in re.findall(r"^\| `(\d\d-[a-z-]+)` .* (\d+) \|$", README, re.MULTILINE)
}


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_notebook_takes_the_minutes_that_are_said(path):
    cells = nbformat.read(path, as_version=4).cells
    texts = [cell.source.partition("## Exercises")[0] for cell in cells]
    to_read = sum(len(text.split()) for text in texts) / WORDS_IN_A_MINUTE
    assert to_read <= MINUTES[path.stem] <= 15 + 4 * to_read


def test_the_first_notebook_says_the_same_minutes():
    path = ROOT / "notebooks" / "00-start-here.ipynb"
    table = nbformat.read(path, as_version=4).cells[-1].source
    said = re.findall(r"^\| \[.*\]\(([\w-]+)\.ipynb\) .* (\d+) \|$", table, re.MULTILINE)
    assert {name: int(minutes) for name, minutes in said} == {
        name: minutes for name, minutes in MINUTES.items() if name != path.stem
    }
