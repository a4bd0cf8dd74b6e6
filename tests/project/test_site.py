"""The documentation site builds without a warning, fetches nothing, and its links lead somewhere."""

import importlib.util
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
TOOLS = ("mkdocs", "material", "mkdocstrings", "mkdocstrings_handlers.python")


def is_installed(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    missing = [name for name in TOOLS if not is_installed(name)]
    if missing:
        pytest.skip(f"the extra `docs` is not installed: {', '.join(missing)}")
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # the workers share one site
        folder = folder.parent
    with FileLock(folder / "site.lock"):
        if not (folder / "site" / "404.html").is_file():
            build(folder / "site")
    return folder / "site"


def build(folder):
    run = subprocess.run(
        [sys.executable, ROOT / "tools" / "site" / "build.py", folder],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "NO_COLOR": "1"},
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


FETCHED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}


class Page(HTMLParser):
    """What a page refers to: links, and what a browser fetches by itself; and its anchors."""

    def __init__(self, path):
        super().__init__()
        self.links, self.fetched, self.anchors = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.anchors |= {values.get("id"), values.get("name")}
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        elif FETCHED.get(tag) in values and values.get("rel") != "canonical":
            self.fetched.append(values[FETCHED[tag]])


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


def leads_nowhere(path, link, pages):
    parts = urlsplit(link)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        return True
    known = pages[target].anchors if target in pages else {parts.fragment}
    return bool(parts.fragment) and unquote(parts.fragment) not in known


def test_internal_links_lead_to_pages_and_anchors(pages):
    broken = [
        f"{path.name}: {link}"
        for path, page in pages.items()
        if path.name != "404.html"  # its links are absolute: it is shown at any address
        for link in page.links
        if not urlsplit(link).scheme and leads_nowhere(path, link, pages)
    ]
    assert broken == []


def test_a_page_fetches_nothing_from_elsewhere(pages):
    elsewhere = [
        f"{path.name}: {link}"
        for path, page in pages.items()
        for link in page.fetched
        if urlsplit(link).scheme not in ("", "data") or link.startswith("//")
    ]
    assert elsewhere == []


def test_no_stylesheet_fetches_anything_from_elsewhere(site):
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert "@import" not in text, sheet
        assert "url(http" not in text, sheet
        assert "url(//" not in text, sheet


def test_every_command_and_error_has_its_place(site):
    from nestlab import errors
    from nestlab.cli.app import commands

    def page(name):
        return (site / "reference" / name).read_text(encoding="utf-8")

    assert all(
        f'id="nestlab-{command.name}"' in page("command-line.html") for command in commands()
    )
    assert all(
        f'id="nestlab.errors.{name}"' in page("errors.html")
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.NestlabError)
    )
    assert "based_on" in page("scenario-file.html")


def test_every_notebook_is_a_page_with_what_it_showed(site):
    folder = ROOT / "notebooks"
    for notebook in [*folder.glob("*.ipynb"), *folder.glob("es/*.ipynb")]:
        page = site / "tutorial" / notebook.relative_to(folder).with_suffix(".html")
        text = page.read_text(encoding="utf-8")
        assert 'class="nestlab-output"' in text or "data:image/png;base64" in text


def test_examples_in_docstrings_are_code(site):
    text = (site / "reference" / "api" / "nestlab.html").read_text(encoding="utf-8")
    assert '<span class="gp">&gt;&gt;&gt; </span>' in text


WITH_A_BROKEN_LINK = """
import pathlib, sys
import build

def assemble(folder):
    folder.mkdir()
    (folder / "index.md").write_text("[nowhere](nowhere.md)")

build.assemble.assemble = assemble
build.configuration = lambda pages, site: {
    "site_name": "x", "docs_dir": str(pages), "site_dir": str(site), "theme": "material",
}
sys.exit(build.build(pathlib.Path(sys.argv[1])))
"""


def test_a_warning_makes_the_build_fail(site, tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", WITH_A_BROKEN_LINK, tmp_path / "site"],
        capture_output=True,
        text=True,
        cwd=ROOT / "tools" / "site",
        check=False,
    )
    assert run.returncode == 1
    assert "nowhere.md" in run.stderr
