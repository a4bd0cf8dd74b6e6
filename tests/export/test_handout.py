"""The handout has everything that the topology, its findings and its plan say, each once and in its place."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.constants.document_kinds import (
    DOCUMENT_FORMATS,
    DOCUMENT_KINDS,
    GRAPH_KINDS,
    HANDOUT_KINDS,
    PICTURE_KINDS,
    ROLE_KIND,
    SCRIPT_KIND,
)
from nestlab.export import (
    GRAPHS,
    HANDOUTS,
    PICTURES,
    Document,
    DocumentSection,
    PlannedRun,
    handout,
    html_page,
    markdown,
)
from nestlab.export.document import BulletList, CaptionedTable, FindingList, StepListing
from nestlab.export.handout import lab_facts, summary_text
from nestlab.model import Finding, Findings, path_text
from nestlab.model.topology import VM, Topology
from tests.strategies import topologies

TOPOLOGIES = Path(__file__).parents[1] / "cases" / "topologies"

EXAMPLES = sorted((Path(__file__).parents[2] / "notebooks" / "topologies").glob("*.yml"))


def blocks(sections, kind):
    for section in sections:
        yield from (block for block in section.blocks if isinstance(block, kind))
        yield from blocks(section.sections, kind)


def section(document, title):
    (found,) = (part for part in document.sections if part.title == title)
    return found


def numbers(document):
    return sorted(
        item.number for block in blocks(document.sections, StepListing) for item in block.steps
    )


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(topologies, st.sampled_from(sorted(HANDOUTS)))
def test_any_topology_has_a_handout_with_all_its_vms_and_findings(topology, kind):
    findings = nestlab.validate(topology)
    document = handout(topology, findings, PlannedRun("sim"))
    tables = [t for t in blocks(document.sections, CaptionedTable) if t.caption.startswith("VMs ")]
    vms = [machine for _, machine in topology.machines() if isinstance(machine, VM)]
    assert sorted(row[0] for table in tables for row in table.rows) == sorted(vm.name for vm in vms)
    listed = [f for block in blocks(document.sections, FindingList) for f in block.findings]
    assert sorted(map(str, listed)) == sorted(map(str, findings))
    assert HANDOUTS[kind](document)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_steps_of_every_level_are_there_once_and_in_order(path):
    topology = nestlab.load(path)
    from nestlab.lab.simulated_run import simulated_run

    run = simulated_run(topology, nestlab.Lab)
    assert run.is_simulated_run
    assert run.problem == ""
    assert not run.refused
    document = handout(topology, nestlab.validate(topology), run)
    assert numbers(document) == list(range(1, len(run.steps) + 1))
    for machine, _ in topology.hosts():
        title = f"Inside {path_text(machine)} (L{len(machine)})" if machine else "Host (L0)"
        (steps,) = blocks([section(document, title)], StepListing)
        assert {item.step.runs_on[: len(machine)] for item in steps.steps} == {machine}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_id_of_the_simulated_host_selects_a_vm(path):
    from nestlab.lab.simulated_run import simulated_run

    lines = [
        line for step in simulated_run(nestlab.load(path), nestlab.Lab).steps for line in step.lines
    ]
    assert not [line for line in lines if "Get-VM -Id" in line or "Get-VMSwitch -Id" in line]


def test_a_simulated_run_leaves_no_journal(tmp_path, monkeypatch):
    from nestlab.lab.simulated_run import simulated_run

    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path))
    simulated_run(nestlab.load(EXAMPLES[-1]), nestlab.Lab)
    assert list(tmp_path.iterdir()) == []


TEXT = """
name: lab
switches:
  - {name: Net, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.9.0.0/24}
vms:
  - name: HV1
    memory_startup: 8GB
    guest: {os: windows}
    nested:
      vms:
        - {name: web1, network_adapters: [{switch: Missing}]}
checks:
  - {from: HV1, to: Unknown}
"""


def test_findings_are_in_the_section_of_their_host():
    topology = nestlab.loads(TEXT)
    document = handout(topology, nestlab.validate(topology), PlannedRun("sim"))

    def subjects(title):
        found = blocks([section(document, title)], FindingList)
        return {finding.subject for block in found for finding in block.findings}

    assert "switch Net" in subjects("Host (L0)")
    assert any("web1" in subject for subject in subjects("Inside HV1 (L1)"))
    assert not any("web1" in subject for subject in subjects("Host (L0)"))
    assert subjects("Summary")  # the check


def test_a_refused_plan_is_said_with_the_findings_that_block_it():
    topology = nestlab.loads(TEXT)
    findings = nestlab.validate(topology)
    run = PlannedRun("sim:x", refused=Findings(findings.errors))
    document = handout(topology, findings, run)
    listed = [f for block in blocks(document.sections, FindingList) for f in block.findings]
    assert len(listed) == len(findings)
    summary = section(document, "Summary")
    assert "There are no steps: these findings block a plan for sim:x." in [
        block.text for block in summary.blocks if hasattr(block, "text")
    ]
    assert numbers(document) == []


def test_equal_reasons_of_several_vms_share_a_sentence():
    document = handout(nestlab.load(EXAMPLES[1]), Findings(), PlannedRun("sim"))  # eight seats
    (reasons,) = blocks([section(document, "Host (L0)")], BulletList)
    assert len([item for item in reasons.items if item.startswith("seat01, seat02")]) == 2


def test_an_empty_topology_has_a_handout():
    document = handout(Topology(name="lab"), Findings(), PlannedRun("sim"))
    assert [part.title for part in document.sections] == ["Summary", "Picture", "Host (L0)"]


def test_a_lab_exports_for_its_own_host(tmp_path):
    lab = nestlab.Lab(nestlab.load(EXAMPLES[2]), nestlab.connect())  # nat-lab
    text = lab.export(tmp_path / "lab.md", to="markdown").read_text(encoding="utf-8")
    assert "The plan for sim:ws2022-intel has 10 steps" in text
    assert "Planned later, as soon as these machines answer:" in text
    with pytest.raises(nestlab.UsageError, match="already exists"):
        lab.export(tmp_path / "lab.md", to="markdown")
    with pytest.raises(nestlab.UsageError, match="no kind of document 'pptx'"):
        lab.export(tmp_path / "lab.pptx", to="pptx")


def test_every_kind_that_is_named_is_made():
    kinds = (*HANDOUTS, "notebook", SCRIPT_KIND, ROLE_KIND, *PICTURES, *GRAPHS)
    assert kinds == DOCUMENT_KINDS
    assert tuple(DOCUMENT_FORMATS) == DOCUMENT_KINDS
    assert (tuple(HANDOUTS), tuple(PICTURES), tuple(GRAPHS)) == (
        HANDOUT_KINDS,
        PICTURE_KINDS,
        GRAPH_KINDS,
    )


def test_findings_about_nested_hosts_of_one_name_are_listed_once():
    host = "{name: HV1, memory_startup: 8GB, nested: {vms: [{name: web1, processor_count: 2}]}}"
    topology = nestlab.loads(f"name: lab\nvms: [{host}, {host}]\n")
    findings = nestlab.validate(topology)
    document = handout(topology, findings, PlannedRun("sim"))
    listed = [f for block in blocks(document.sections, FindingList) for f in block.findings]
    assert "duplicate-name" in {finding.code for finding in listed}
    assert sorted(map(str, listed)) == sorted(map(str, findings))


@pytest.mark.parametrize("writer", [markdown, html_page])
def test_a_finding_whose_message_is_a_sentence_has_one_full_stop(writer):
    refused = Finding("x", "warning", "web1", "The credential is invalid.", "Fix it.")
    sections = (DocumentSection("Lab", (FindingList((refused,)),)),)
    text = writer(Document("Lab", "A lab.", sections))
    assert "web1: The credential is invalid." in text
    assert ".." not in text.partition("web1: ")[2].partition("Fix it")[0]


def test_the_findings_about_other_vms_of_the_host_are_not_for_the_reader_of_a_handout(tmp_path):
    topology = nestlab.load(TOPOLOGIES / "nat-lab.yml")
    lab = nestlab.Lab(topology, nestlab.connect())
    assert any("build-agent" in finding.subject for finding in lab.check())
    text = lab.export(tmp_path / "lab.md", to="markdown").read_text(encoding="utf-8")
    assert not any(name in text for name in ("build-agent", "dc-archive", "sql-test"))


def test_totals_are_said_to_be_totals():
    topology = nestlab.load(TOPOLOGIES / "nat-lab.yml")
    facts = dict(lab_facts(topology))
    assert facts["VMs at L2"] == "2, with 2GB of memory and 4 virtual processors in total"


def test_a_vm_with_exposed_extensions_is_named_where_its_inside_is_not_described():
    topology = nestlab.loads(
        "name: lab\nvms: [{name: HV1, expose_virtualization_extensions: true}]\n"
    )
    assert summary_text(topology) == (
        "1 VM and 0 virtual switches. "
        "HV1 exposes the virtualization extensions; what runs inside is not described."
    )
