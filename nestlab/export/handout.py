"""The handout of a topology: a summary and the picture, then each host, level by level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nestlab.drawing import outline, svg
from nestlab.enumerations import all_of
from nestlab.export.document import (
    Block,
    BulletList,
    CaptionedTable,
    Document,
    DocumentSection,
    FindingList,
    NumberedStep,
    StepListing,
    TextParagraph,
    TopologyPicture,
)
from nestlab.export.finding_places import findings_by_machine
from nestlab.export.planned_run import PlannedRun
from nestlab.export.setting_reasons import setting_reasons
from nestlab.export.topology_tables import (
    check_table,
    credential_table,
    machine_tables,
    machine_title,
    topology_tables,
)
from nestlab.model import Finding, Findings, MachinePath, Size, path_text
from nestlab.model.topology import VM, Topology, with_image_names
from nestlab.plan import KEPT_FOR_OTHERS
from nestlab.texts import tr, tr_count, translate
from nestlab.topology_file.first_comments import first_comments
from nestlab.version import __version__


def handout(
    topology: Topology,
    findings: Findings,
    run: PlannedRun,
    *,
    records: tuple[DocumentSection, ...] = (),
) -> Document:
    """Return the handout of a topology.

    Args:
        topology: what the handout describes.
        findings: those of the topology, and of its host where it is known.
        run: the steps that build it, or why there are none.
        records: sections about earlier runs, which come last.
    """
    others = Findings(finding for finding in findings if finding not in [*run.refused])
    found = dict(findings_by_machine(topology, others))
    numbered = tuple(NumberedStep(number, step) for number, step in enumerate(run.steps, 1))
    hosts = sorted(topology.hosts(), key=lambda item: len(item[0]))
    sections = [
        DocumentSection(tr("Summary"), tuple(_summary(topology, findings, run, found[None]))),
        DocumentSection(tr("Picture"), (topology_picture(topology),)),
        *(
            # Where nested hosts share a name (an error), the first section has the findings.
            host_section(
                topology, path, machine, found.pop(path, ()), _steps_on(numbered, path, machine)
            )
            for path, machine in hosts
        ),
    ]
    if topology.checks:
        sections.append(DocumentSection(tr("Checks"), tuple(check_table(topology))))
    remaining = tuple(_remaining(run))
    if remaining:
        sections.append(DocumentSection(tr("Not covered by these steps"), remaining))
    return Document(
        topology.name,
        topology.description,
        (*sections, *records),
        tr("Written by nestlab {version}.", version=__version__),
    )


def topology_picture(topology: Topology) -> TopologyPicture:
    """Return the picture of a topology, with its text versions."""
    description = summary_text(topology)
    return TopologyPicture(
        svg(topology, "auto", description=description), description, outline(topology)
    )


def summary_text(topology: Topology) -> str:
    """Return how many VMs, nested hosts and switches a topology has, in a sentence."""
    vms = [machine for _, machine in topology.machines() if isinstance(machine, VM)]
    nested = [path for path, _ in topology.hosts() if path]
    switches = sum(len(machine.switches) for _, machine in topology.hosts())
    count = tr_count("{count} VM", "{count} VMs", len(vms))
    others = tr_count("{count} virtual switch", "{count} virtual switches", switches)
    inside = f" ({', '.join(map(path_text, nested))})" if len(nested) <= 8 else ""  # noqa: PLR2004  # more names than a sentence holds
    text = (
        tr(
            "{vms}, {nested_hosts} among them{names}, and {switches}.",
            vms=count,
            nested_hosts=tr_count("{count} nested host", "{count} nested hosts", len(nested)),
            names=inside,
            switches=others,
        )
        if nested
        else tr("{vms} and {switches}.", vms=count, switches=others)
    )
    return " ".join(filter(None, (text, _exposed_only(vms))))


def _exposed_only(vms: Sequence[VM]) -> str:
    """Return which VMs expose the extensions and are not nested hosts; empty if none does."""
    names = [vm.name for vm in vms if vm.nested is None and vm.exposes_extensions]
    if not names:
        return ""
    return tr_count(
        "{names} exposes the virtualization extensions; what runs inside is not described.",
        "{names} expose the virtualization extensions; what runs inside is not described.",
        len(names),
        names=all_of(names),
    )


def _summary(
    topology: Topology, findings: Findings, run: PlannedRun, elsewhere: tuple[Finding, ...]
) -> Iterator[Block]:
    yield TextParagraph(summary_text(topology))
    yield glance(topology)
    yield TextParagraph(findings_text(findings))
    if elsewhere:
        yield FindingList(elsewhere)
    yield TextParagraph(run_text(run))
    if run.refused:
        yield FindingList(tuple(run.refused))
    yield from topology_tables(topology)
    yield from credential_table(topology)
    comments = first_comments(topology)
    if comments:
        yield TextParagraph(tr("The topology file begins with these comments:"))
        yield BulletList(comments)


def glance(topology: Topology) -> CaptionedTable:
    """Return the table of the totals of a topology."""
    headers = (tr("What"), tr("Value"))
    return CaptionedTable(tr("The lab at a glance"), headers, tuple(lab_facts(topology)))


def lab_facts(topology: Topology) -> Iterator[tuple[str, str]]:
    """Yield the totals of a topology by level, each as a label and a value."""
    levels: dict[int, list[VM]] = {}
    for path, machine in topology.machines():
        if isinstance(machine, VM):
            levels.setdefault(len(path), []).append(machine)
    for level, vms in levels.items():
        memory = Size(sum(vm.memory_startup for vm in vms))
        processors = sum(vm.processor_count for vm in vms)
        yield (
            tr("VMs at L{level}", level=level),
            tr(
                "{vms}, with {memory} of memory and {processors} virtual processors in total",
                vms=len(vms),
                memory=memory,
                processors=processors,
            ),
        )
    yield tr("Checks"), str(len(topology.checks))


def findings_text(findings: Findings) -> str:
    """Return how many findings there are, in a sentence."""
    counts = findings.counts()
    if not findings:
        return tr("The rules report nothing.")
    parts = (
        tr_count("{count} error", "{count} errors", counts["error"]),
        tr_count("{count} warning", "{count} warnings", counts["warning"]),
        tr_count("{count} note", "{count} notes", counts["info"]),
    )
    return tr(
        "The rules report {counts}; each is listed where it belongs.", counts=", ".join(parts)
    )


def run_text(run: PlannedRun) -> str:
    """Return what the steps are for, or why there are none, in one or two sentences."""
    if run.refused:
        blocked = tr("There are no steps: these findings block a plan for {host}.", host=run.host)
        if not run.is_simulated_run:
            return blocked
        return f"{blocked} {tr('For a plan, name the host of the lab (--host).')}"
    steps = tr_count("{count} step", "{count} steps", len(run.steps))
    if run.problem:
        return tr(
            "{steps} ran on the simulated host {host}, and then the run stopped: {problem}",
            steps=steps,
            host=run.host,
            problem=run.problem,
        )
    if run.is_simulated_run:
        return tr(
            "This lab is built on an empty host in {steps}, as in a run on the simulated host {host}; paths, adapter names and earlier values are that host's, and can differ on yours. nestlab plan shows the steps for your host.",
            steps=steps,
            host=run.host,
        )
    if run.deferred:
        return tr(
            "The plan for {host} has {steps}; what runs inside machines that do not answer yet is planned later.",
            steps=steps,
            host=run.host,
        )
    return tr("The plan for {host} has {steps}.", steps=steps, host=run.host)


def _steps_on(
    steps: tuple[NumberedStep, ...], path: MachinePath, machine: Topology | VM
) -> tuple[NumberedStep, ...]:
    """Return the steps of a host: those that run on it, and in its VMs without a section."""
    guests = {(*path, vm.name) for vm in machine.vms if vm.nested is None}
    return tuple(item for item in steps if item.step.runs_on == path or item.step.runs_on in guests)


def host_section(
    topology: Topology,
    path: MachinePath,
    machine: Topology | VM,
    findings: tuple[Finding, ...],
    steps: tuple[NumberedStep, ...],
) -> DocumentSection:
    """Return the section of a host: tables, findings, reasons, and the steps that run there."""
    reasons = tuple(setting_reasons(topology, path, machine))
    parts = (
        DocumentSection(tr("Findings"), (FindingList(findings),) if findings else ()),
        DocumentSection(
            tr("Reasons for these settings"), (BulletList(reasons),) if reasons else ()
        ),
        DocumentSection(tr("Steps"), (StepListing(steps),) if steps else ()),
    )
    named = machine if path else with_image_names(machine, topology.images)
    tables: tuple[Block, ...] = tuple(machine_tables(path, named))
    empty = (TextParagraph(tr("Neither switches nor VMs are declared here.")),)
    return DocumentSection(
        machine_title(path), tables or empty, tuple(part for part in parts if part.blocks)
    )


def _remaining(run: PlannedRun) -> Iterator[Block]:
    if run.deferred:
        items = tuple(f"{path_text(item.machine)}: {item.why}" for item in run.deferred)
        yield TextParagraph(tr("Planned later, as soon as these machines answer:"))
        yield BulletList(items)
    for label in dict.fromkeys(item.label for item in run.out_of_reach):
        yield TextParagraph(f"{label}:")
        yield BulletList(tuple(str(item) for item in run.out_of_reach if item.label == label))
    left = tuple(str(item) for item in run.remainder if not item.of_others)
    of_others = tuple(str(item) for item in run.remainder if item.of_others)
    if left:
        yield TextParagraph(tr("Left over on the host; the file no longer names it:"))
        yield BulletList(left)
    if of_others:
        yield TextParagraph(translate(KEPT_FOR_OTHERS))
        yield BulletList(of_others)
