"""What the README shows is what there is."""

import re
from pathlib import Path

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
