"""Rules about Secure Boot of VMs in a topology."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import SECURE_BOOT
from nestlab.model.finding import Finding
from nestlab.model.topology import SecureBoot, installed_system
from nestlab.model.topology.declared_vm import SECURE_BOOT_TEMPLATES
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

_TEMPLATES = frozenset(SECURE_BOOT_TEMPLATES.values())

SECURE_BOOT_MISMATCH = Rule(
    code="secure-boot-mismatch",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A VM has a Secure Boot template under which the operating system on its disk does not boot.",
    why="The firmware loads only boot loaders that the template trusts. The VM then runs without an operating system.",
    fix="Remove secure_boot, so that the os of the image or guest.os decides, or choose the template for that operating system.",
    example="vms: [{name: web1, guest: {os: linux}, secure_boot: MicrosoftWindows}]",
    source=SECURE_BOOT,
)


@detects(SECURE_BOOT_MISMATCH)
def secure_boot_mismatch(index: TopologyIndex) -> Iterator[Finding]:
    """A Secure Boot template that does not trust the boot loader of the VM's system."""
    for place, vm in index.vms:
        template = vm.secure_boot
        if vm.generation == 1 or template not in _TEMPLATES:
            continue
        system = installed_system(index.topology.images, vm)
        fitting = SECURE_BOOT_TEMPLATES.get(system)
        if fitting not in (None, template):
            yield index.finding(
                SECURE_BOOT_MISMATCH,
                place.subject,
                (*place.keys, "secure_boot"),
                tr(
                    "has the Secure Boot template {template}, under which {system} on its disk does not boot",
                    template=template,
                    system=system.capitalize(),
                ),
                hint=tr("Remove secure_boot, or write secure_boot: {template}.", template=fitting),
            )


SECURE_BOOT_NEEDS_GENERATION_2 = Rule(
    code="secure-boot-needs-generation-2",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A VM of generation 1 is to boot with Secure Boot.",
    why="Generation 1 has a BIOS and no firmware with Secure Boot; Set-VMFirmware refuses it.",
    fix="Remove secure_boot, or use generation: 2.",
    example="vms: [{name: web1, generation: 1, secure_boot: true}]",
    source=SECURE_BOOT,
)


@detects(SECURE_BOOT_NEEDS_GENERATION_2)
def secure_boot_needs_generation_2(index: TopologyIndex) -> Iterator[Finding]:
    """Secure Boot on a VM of generation 1."""
    for place, vm in index.vms:
        if vm.generation == 1 and vm.secure_boot not in (None, SecureBoot.OFF):
            yield index.finding(
                SECURE_BOOT_NEEDS_GENERATION_2,
                place.subject,
                (*place.keys, "secure_boot"),
                tr("has generation 1, which has no Secure Boot"),
                hint=" ".join(
                    (tr("Remove secure_boot, or write generation: 2."), place.generation_hint)
                ),
            )


DETECTORS = (secure_boot_mismatch, secure_boot_needs_generation_2)
