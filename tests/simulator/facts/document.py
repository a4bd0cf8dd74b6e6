"""The page about the simulated host, from the table of its cmdlets and from the vectors: it is true by construction."""

import dataclasses
from pathlib import Path

from nestlab.simulator.cmdlets.registry import handlers
from nestlab.simulator.powershell.binding.signatures import command_names, signature
from nestlab.simulator.powershell.binding.unsupported_parameters import UNSUPPORTED
from nestlab.simulator.powershell.commands.object_cmdlets import OBJECT_CMDLETS
from nestlab.simulator.powershell.commands.session_commands import SESSION_COMMANDS
from nestlab.simulator.scenarios import scenario_descriptions
from nestlab.simulator.state.quirks import Quirks
from tests.simulator.facts.vectors import SURE, all_vectors

PATH = Path(__file__).parents[3] / "docs" / "simulated-host.md"
SIMULATED = frozenset({*handlers(), *OBJECT_CMDLETS, *SESSION_COMMANDS})

_INTRODUCTION = """\
# The simulated host

What `sim:` hosts and `nestlab simulate` do, with what confidence real hosts do the same, and what is not simulated. This page is
generated from the simulator's own tables (`pytest tests/simulator/facts --update-cases`); a test compares them.

The confidence of a fact:

- **documented**: Microsoft's documentation says so;
- **observed**: output that was quoted or measured in public;
- **source**: public source code, or reflection of the Hyper-V module;
- **inferred**: no source shows it; it follows from what is known. So do error texts that no source quotes;
- **observed (id inferred)**: the text was observed, but not the error's id;
- **conflict**: sources disagree. A quirk of the scenario decides (column *quirk*).

The sources of the facts that are abbreviated; `OWNER/NAME#NUMBER` is an issue or pull request on GitHub:

| source | what it is |
|---|---|
| NEST, ENAB | MicrosoftDocs/windowsserverdocs: `nested-virtualization.md`; `enable-nested-virtualization.md` |
| UPG | the same: `Upgrade-virtual-machine-version-in-Hyper-V-on-Windows-or-Windows-Server.md` |
| NATP, PSDP | the same: `setup-nat-network.md`; `powershell-direct.md` |
| REQ, INS, CVS | the same: the pages on system requirements, on installing Hyper-V, on creating a virtual switch |
| SCAL, SETP | the same, older revisions: the pages on scalability, on RDMA and Switch Embedded Teaming |
| DOC | MicrosoftDocs/windows-powershell-docs: the reference page of the cmdlet |
| P51 | MicrosoftDocs/PowerShell-Docs: the reference and the concepts of Windows PowerShell 5.1 |
| VD | MicrosoftDocs/Virtualization-Documentation |
| W32 | MicrosoftDocs/win32: CIM classes and error codes |
| REF | dsccommunity/HyperVDsc, `Hyper-V.stubs.psm1`: reflection of version 2.0.0.0 of the Hyper-V module |
| PSRC | PowerShell/PowerShell: the source code of PowerShell |
"""

_NOT_SIMULATED = """\
## What is not simulated

- These cmdlets are known with their parameters. They report the error `NotSimulated` and change nothing:
  {cmdlets}.
- These parameters of simulated cmdlets do the same, before anything runs: {parameters}.
- IPv6, DNS names inside the lab, firewalls beyond *answers echo requests or not*, bandwidth, latency, packet loss.
- Live migration, replication, failover clusters, Storage Spaces, shielded VMs' attestation.
- What only the system in a VM would show: hibernation (configuration version 9.0), its virtualization-based security (8.0), a GPU's partition (12.0).
- What dynamic memory does over time: a VM keeps its startup memory.
- Applications such as systeminfo.exe, and texts made of objects: ConvertTo-Json with its depth of 2, Format-Table.
- Scripts and script blocks: cmdlets with parameters only, as a restricted (JEA) endpoint takes them.
- A running VM that is locked, or asks its user to save: `Stop-VM` always succeeds.
- The end of the session where the host loses its address: the session is one at the console, which `drop` faults end. The time that an
  address takes to move to a new External switch, and back, is a quirk: `address_move_seconds`.
- The isolation of private VLANs (the setting is kept, frames pass untagged), SR-IOV and PacketDirect (the settings are kept), the load of
  each member of a team.
- Ports that programs in guests open: Windows answers on 135, 445, 3389 and 5985, and WinNAT maps TCP to those.
- Concurrent calls: they run one after the other. The error of real hosts (`Windows System Error 32,Add-NetNatStaticMapping`)
  can be injected as a fault.
- The codes 0x80370102 (HCS_E_HYPERV_NOT_INSTALLED) and 0xC0351000 (ERROR_HV_NOT_PRESENT): the Host Compute Service says the first
  to WSL and containers (microsoft/WSL#7902), and the hypervisor's own interface the second; no cmdlet reports either, so they do not
  occur here. `nestlab explain` knows both.
- Event logs except the System log, which has the last start of Windows only.
- Speed. Time is virtual.
"""


def page():
    """Return the text of the page."""
    parts = [
        _INTRODUCTION,
        _scenarios(),
        _cmdlets(),
        _quirks(),
        _facts(),
        _NOT_SIMULATED.format(cmdlets=_listed(_missing()), parameters=_parameters()),
    ]
    return "\n".join(parts)


def _scenarios():
    rows = [
        f"| `{name}` | {description} |" for name, description in scenario_descriptions().items()
    ]
    return "\n".join(["## Scenarios", "", "| scenario | shows |", "|---|---|", *rows, ""])


def _parameters():
    return "; ".join(
        f"`{name}` {', '.join(f'-{item}' for item in items.split())}"
        for name, items in UNSUPPORTED.items()
    )


def _missing():
    return sorted(set(command_names()) - SIMULATED)


def _listed(names):
    return ", ".join(f"`{name}`" for name in names)


def _cmdlets():
    modules = {}
    for name in sorted(SIMULATED):
        modules.setdefault(signature(name).module, []).append(name)
    rows = [
        f"| {module} | {len(names)} | {_listed(names)} |"
        for module, names in sorted(modules.items())
    ]
    known = len(command_names())
    head = [
        f"## Cmdlets: {len(SIMULATED)} simulated of {known} known",
        "",
        "| module | | cmdlets |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def _quirks():
    deciding = {vector.switch for vector in all_vectors()}
    rows = [
        f"| `{field.name}` | {_default(field)} | {'yes' if field.name in deciding else ''} |"
        for field in dataclasses.fields(Quirks)
        if field.name != "administrator"  # the key `rights` of a scenario
    ]
    head = [
        "## Quirks: what a scenario can change",
        "",
        "| quirk | default | decides an inference or a conflict |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, "", "The schema of scenario files describes them.", ""])


def _default(field):
    value = field.default_factory() if field.default is dataclasses.MISSING else field.default
    return (
        "none"
        if value in ([], "")
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )


def _facts():
    vectors = list(all_vectors())
    counts = ", ".join(
        f"{sum(vector.sure == kind for vector in vectors)} {kind}" for kind in sorted(SURE)
    )
    head = [
        f"## Tested facts: {len(vectors)} ({counts})",
        "",
        "| fact | tested as | confidence | source | quirk |",
        "|---|---|---|---|---|",
    ]
    rows = [
        f"| {vector.row.replace('|', '/')} | {vector.test or vector.name} | {_sure(vector)} | {vector.source} | {f'`{vector.switch}`' if vector.switch else ''} |"
        for vector in vectors
    ]
    return "\n".join([*head, *rows, ""])


def _sure(vector):
    return (
        f"{vector.sure} ({', '.join(vector.guessed)} inferred)" if vector.guessed else vector.sure
    )
