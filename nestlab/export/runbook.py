"""The runbook of a topology: a notebook that describes the lab, builds, verifies and undoes it.

It follows the convention of papermill, which adds a cell that overrides the constants of the cell
tagged ``parameters``. Run by hand, the notebook works from top to bottom without changes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from nestlab.constants import DEFAULT_HOST
from nestlab.drawing import alternative_text, has_matplotlib, image, layout, svg, svg_image
from nestlab.export.document import DocumentSection
from nestlab.export.handout import glance, host_section, summary_text
from nestlab.export.markdown import inline, paragraph, section_blocks
from nestlab.export.notebook_file import Cell, code_cell, markdown_cell, notebook_text
from nestlab.export.python_text import python_text, python_value
from nestlab.export.topology_tables import check_table, credential_table, topology_tables
from nestlab.html import without_math
from nestlab.model.topology import Topology
from nestlab.texts import SOURCE_LANGUAGE, language, mark, tr, translate
from nestlab.topology_file import dumps
from nestlab.visible import visible


def runbook(
    topology: Topology, *, host: str = "", records: tuple[DocumentSection, ...] = ()
) -> str:
    """Return the runbook of a topology as the text of a notebook file.

    Args:
        topology: the lab.
        host: the default value of the parameter `host`; if empty, the simulated host.
        records: sections about earlier runs, which come last.
    """
    return notebook_text(_cells(topology, host or DEFAULT_HOST, records))


def _cells(topology: Topology, host: str, records: tuple[DocumentSection, ...]) -> Iterator[Cell]:
    yield markdown_cell("title", _title(topology))
    yield code_cell("parameters", _parameters(topology, host), "parameters")
    yield markdown_cell("topology-text", translate(_TOPOLOGY_TEXT))
    yield code_cell("topology", f"topology_file = {python_text(dumps(topology))}")
    yield from _description(topology)
    for identity, text, source in _STAGES:
        yield markdown_cell(f"{identity}-text", translate(text))
        yield code_cell(identity, _code(identity, source))
    for number, record in enumerate(records):
        yield markdown_cell(f"record-{number}", _section_text(record))


def _title(topology: Topology) -> str:
    description = topology.description
    return "\n\n".join(
        [
            f"# {inline(topology.name)}",
            *([paragraph(description)] if description.strip() else []),
            translate(_INTRODUCTION),
        ]
    )


def _parameters(topology: Topology, host: str) -> str:
    names = [row[0] for table in credential_table(topology) for row in table.rows]
    pairs = ", ".join(f"{python_value(name)}: {python_value(name)}" for name in names)
    return "\n".join(
        [
            f"host = {python_value(host)}  # {tr('a real host: winrms://NAME, ssh://USER@NAME, local:')}",
            f"username = ''  # {tr('account on a real host; its password is looked up, or asked for')}",
            f"credentials = {{{pairs}}}  # {tr('name in the file: name in the keyring')}",
            "ask_before_each_step = False",
            "undo_at_end = False",
        ]
    )


def _description(topology: Topology) -> Iterator[Cell]:
    description = summary_text(topology)
    yield markdown_cell("picture-text", f"## {tr('Picture')}\n\n{paragraph(description)}")
    yield _picture(topology)
    about_all = (*topology_tables(topology), *check_table(topology), *credential_table(topology))
    tables = (glance(topology), *about_all)
    yield markdown_cell("lab", _section_text(DocumentSection(tr("The lab"), tables)))
    hosts = sorted(topology.hosts(), key=lambda item: len(item[0]))
    for number, (path, machine) in enumerate(hosts):
        section = host_section(topology, path, machine, (), ())
        yield markdown_cell(f"host-{number}", _section_text(section))


def _picture(topology: Topology) -> Cell:
    """Return the cell that draws the topology, with its picture.

    The picture is an SVG that follows the theme of the page; readers that show no HTML of outputs,
    and nbconvert for PDF, have a PNG, which only matplotlib draws.
    """
    drawn = layout(topology)
    text = alternative_text(drawn)
    shown = without_math(svg_image(svg(drawn), text, drawn.width))
    outputs = {"text/html": shown, "text/plain": visible(text)}
    if has_matplotlib():
        outputs["image/png"] = base64.b64encode(image(drawn)).decode("ascii")
    return code_cell("picture", _code("picture", _PICTURE), outputs=outputs)


def _section_text(section: DocumentSection) -> str:
    return "\n\n".join(section_blocks(section, 2))


_INTRODUCTION = mark("""\
This runbook describes the lab and builds it. Run its cells from top to bottom; without changes it works on a simulated host.

The next cell has its parameters. Change them there, or pass them to papermill: `papermill runbook.ipynb record.ipynb -p host winrms://hv01.contoso.com`.
Credentials are named, never written down: nestlab looks each one up in the keyring or in the environment, or asks for it.""")

_TOPOLOGY_TEXT = mark("""\
## Topology file

The lab, as a topology file. Everything below uses this topology.""")

_PICTURE = """\
import nestlab
{language}
nestlab.draw(nestlab.loads(topology_file))"""  # not shown

_CONNECT = """\
import nestlab
from nestlab.model.topology import with_credential_names
{language}
topology = with_credential_names(nestlab.loads(topology_file), credentials)
session = nestlab.connect(host, username=username or None, prepared_for=topology)
lab = nestlab.Lab(topology, session)
lab"""  # not shown

_APPLY = """\
def confirm(step):
    return input(f"{question} ").strip().lower() == "{yes}"


options = {{"confirm": confirm, "workers": 1}} if ask_before_each_step else {{}}
for result in lab.apply(plan, **options):
    print(result)
    if not result.ok:
        raise RuntimeError(f"{failed}")"""  # not shown

_VERIFY = """\
report = lab.verify()
report"""

_VERDICT = """\
if not (report.ok or report.is_unknown):
    raise RuntimeError("{failed} " + "; ".join(str(r) for r in report if not r.passed))
lab.plan()"""  # not shown

_UNDO = """\
if undo_at_end and not plan.is_empty:
    for result in lab.undo():
        print(result)
        if not result.ok:
            raise RuntimeError(f"{failed}")
else:
    print("{kept}")\
"""  # not shown


def _code(identity: str, source: str) -> str:
    """Return the code of a stage, with its texts in the current language."""
    texts = {
        "picture": lambda: {"language": _language_lines()},
        "connect": lambda: {"language": _language_lines()},
        "apply": lambda: {
            "question": tr(
                "{title}, because {why}. Run it? y/n", title="{step.title}", why="{step.why}"
            ),
            "yes": tr("y"),
            "failed": tr("A step failed: {message}", message="{result.message}"),
        },
        "verdict": lambda: {"failed": tr("A check failed:")},
        "undo": lambda: {
            "failed": tr("A step could not be undone: {message}", message="{result.message}"),
            "kept": tr(
                "The lab stays as it is. With undo_at_end = True, this cell undoes what the run changed."
            ),
        },
    }
    return source.format(**texts[identity]()) if identity in texts else source


def _language_lines() -> str:
    """Return the line that sets the language of the runbook; empty in English."""
    code = language()
    return "" if code == SOURCE_LANGUAGE else f"\nnestlab.set_language({python_value(code)})"


_STAGES = (
    (
        "connect",
        mark(
            "## Connect\n\nOpens a session to the host. `credentials` replaces the names of credentials in the file. With `prepared_for`, a simulated host has the images, adapters and existing switches that the topology expects; a real one is as it is."
        ),
        _CONNECT,
    ),
    (
        "check",
        mark(
            "## Check\n\nWhether the topology is valid, what the host supports, and whether the lab fits on it. Nothing is changed."
        ),
        "lab.check()",
    ),
    (
        "plan",
        mark(
            "## Plan\n\nEvery step that is needed, with its reason and its cmdlets. What runs inside a machine that does not answer yet is deferred: applying plans it as soon as the machine answers."
        ),
        "plan = lab.plan()\nplan",
    ),
    (
        "apply",
        mark(
            "## Apply\n\nRuns the steps, and what was deferred. With `ask_before_each_step = True` it asks before each one. Where it stops, run *Plan* and *Apply* again: they continue from the state of the host."
        ),
        _APPLY,
    ),
    (
        "verify",
        mark("## Verify\n\nThe checks of the file on the live lab."),
        _VERIFY,
    ),
    (
        "verdict",
        mark(
            "Stops the runbook if a check failed, not if a result is not known: the table says why. Then it plans again: nothing is left to do if the host matches the file."
        ),
        _VERDICT,
    ),
    (
        "undo",
        mark(
            "## Undo\n\nRestores what the run changed, with the values that its journal recorded. To remove the lab later, `lab.destroy()` removes what this topology created on the host, and nothing else."
        ),
        _UNDO,
    ),
)
