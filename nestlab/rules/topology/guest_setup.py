"""Rules about guests that nestlab configures."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import POWERSHELL_DIRECT
from nestlab.model.finding import Finding
from nestlab.model.topology import VM, VMState, guest_settings
from nestlab.rules.rule import NESTLAB, Rule, Scope, Variant, detects
from nestlab.rules.topology.places import MachinePlace
from nestlab.rules.topology.topology_index import TopologyIndex

CREDENTIAL_MISSING = Rule(
    code="credential-missing",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A Windows guest that is to be configured has no credential.",
    why="PowerShell Direct needs an account of the guest; without one, nothing inside the guest can be set.",
    fix="Add guest: {os: windows, credential: NAME}. The password itself stays in the keyring.",
    example="vms: [{name: HV1, memory_startup: 8GB, guest: {os: windows}, nested: {}}]",
    source=POWERSHELL_DIRECT,
    variants=(Variant("warning", "if only what the file declares inside the guest cannot be set"),),
)


@detects(CREDENTIAL_MISSING)
def credential_missing(index: TopologyIndex) -> Iterator[Finding]:
    """PowerShell Direct into a guest needs the guest's credential."""
    for place, vm in index.vms:
        if vm.guest.os != "windows" or vm.guest.credential:
            continue
        settings = list(guest_settings(vm))
        is_reported = place.keys in index.on_generalized_images  # by first-boot-without-account
        if is_reported or (vm.nested is None and not settings):
            continue
        what = f"this cannot be set up in it: {'; '.join(settings)}"
        if vm.nested is not None:
            what = "its role, switches and VMs cannot be set up"
        elif any(adapter.ip_address for adapter in vm.network_adapters):
            what = "its addresses cannot be set up"
        yield index.finding(
            CREDENTIAL_MISSING.at("error" if vm.nested is not None else "warning"),
            place.subject,
            (*place.keys, "guest"),
            f"names no credential for its Windows guest, so {what}",
            hint=_ONCE_RUNNING if vm.state is VMState.OFF else None,
        )


_ONCE_RUNNING = "Add guest: {os: windows, credential: NAME}, and write state: Running for at least one apply: in a VM that is declared Off nestlab sets nothing. The password itself stays in the keyring."


NOTHING_TO_BOOT = Rule(
    code="nothing-to-boot",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A VM whose guest is waited for has no disk with an operating system.",
    why="It never answers, so nothing inside it can be created or set.",
    fix="Set disk: {image: ...} to an image with its system installed, or {path: ...} to an installed disk.",
    example="vms: [{name: HV1, memory_startup: 8GB, guest: {os: windows, credential: lab}, nested: {}}]",
    source=POWERSHELL_DIRECT,
)


@detects(NOTHING_TO_BOOT)
def nothing_to_boot(index: TopologyIndex) -> Iterator[Finding]:
    """A guest that is waited for and has no installed disk: it never answers.

    Each running VM with `guest.os` is: at least until it has a heartbeat.
    """
    by_hand = f"{NOTHING_TO_BOOT.fix_text} To install it by hand, leave out guest until then."
    for place, vm in index.vms:
        if vm.disk is not None and not vm.disk.is_empty:
            continue
        if vm.nested is not None:
            what = "is a nested host with {}: no Windows starts in it, and nothing inside it can be created"
        elif vm.guest.os == "none" or vm.state is not VMState.RUNNING or vm.has_seed:
            continue  # seed-not-read reports the last
        elif vm.guest.os == "windows" and _is_configured(vm):
            what = "has {}, and Windows in it is to be configured: it never answers until it is installed, and nestlab waits for it until the time limit"
        else:
            what = f"has {{}}: without an operating system it has no heartbeat, and nestlab waits for that of {vm.guest.os.capitalize()} until the time limit"
        yield index.finding(
            NOTHING_TO_BOOT,
            place.subject,
            (*place.keys, "disk"),
            what.format("an empty disk" if vm.disk else "no disk"),
            hint=None if vm.nested is not None else by_hand,
        )


def _is_configured(vm: VM) -> bool:
    adapters = vm.network_adapters
    return (
        bool(vm.guest.credential)
        or bool(vm.routes)
        or vm.forwarding
        or any(a.ip_address or a.gateway or a.dns_servers or a.dhcp for a in adapters)
    )


SET_BY_HAND = Rule(
    code="set-by-hand",
    severity="info",
    looks_at=(Scope.TOPOLOGY,),
    meaning="Settings inside a guest are declared, and nestlab does not set them: its system is not Windows and it has no seed disk for cloud-init, the file does not say which system it has, or the VM is declared Off.",
    why="PowerShell Direct needs Windows that runs. A trace takes these settings for granted, and verify cannot see them.",
    fix="Write guest: {os: linux, cloud_init: true} where the image has cloud-init, guest: {os: windows, credential: NAME} for Windows, or set the values inside the guest, on its console.",
    example="switches: [{name: A, switch_type: Private}]\nvms: [{name: web1, guest: {os: linux}, network_adapters: [{switch: A, ip_address: 10.0.0.11/24}]}]",
    source=POWERSHELL_DIRECT,
)


@detects(SET_BY_HAND)
def set_by_hand(index: TopologyIndex) -> Iterator[Finding]:
    """Addresses, routes and the like that nestlab does not set: one finding for each VM."""
    for place, vm in index.vms:
        is_off = vm.state is VMState.OFF and vm.guest.os == "windows"
        is_set_up = vm.has_seed or (vm.nested is not None and not is_off)
        found = None if is_set_up else _left_to_the_user(index, place, vm)
        values = "; ".join(guest_settings(vm)) if found is not None else ""
        if found is not None and values:
            message, way = found
            yield index.finding(
                SET_BY_HAND,
                place.subject,
                (*place.keys, "guest"),
                message,
                hint=f"{way}, or set inside the guest: {values}.",
            )


def _left_to_the_user(index: TopologyIndex, place: MachinePlace, vm: VM) -> tuple[str, str] | None:
    """Return why nestlab sets nothing inside a guest, and what makes it do so; None if it does.

    Other rules report guests of Windows without a credential, and guests with one but no system.
    """
    if vm.guest.os == "linux":
        return (
            "has a Linux guest without cloud_init, in which nestlab sets nothing",
            "Add cloud_init: true if its image has cloud-init",
        )
    if vm.guest.os == "windows":
        return (
            (
                "is declared Off, so nestlab sets nothing in its Windows guest"
                + (" and creates none of its switches and VMs" if vm.nested else ""),
                "Unless an earlier `nestlab apply` has set them, which the file does not show: write state: Running for at least one apply (what it sets stays, and this note does too)",
            )
            if vm.state is VMState.OFF and vm.guest.credential
            else None
        )
    if vm.guest.credential or vm.guest.computer_name or vm.guest.cloud_init:
        return None
    image = index.system_images.get(place.keys)
    windows, linux = (
        "guest: {os: windows, credential: NAME}",
        "guest: {os: linux, cloud_init: true}",
    )
    if vm.state is VMState.OFF:
        windows += ", with state: Running for at least one apply,"
    ways = {"windows": windows, "linux": linux}.get(
        image.os if image else "", f"{windows} or {linux}"
    )
    return "has no guest.os in the file, so nestlab sets nothing in its guest", f"Add {ways}"


GUEST_WITHOUT_SYSTEM = Rule(
    code="guest-without-system",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A guest has a credential or a computer name, and no os.",
    why="Without guest.os, nestlab does not know how to set a guest up: it sets nothing in it, and does not wait for it.",
    fix="Write guest: {os: windows, ...} or guest: {os: linux, ...}; or remove what is not to be set.",
    example="vms: [{name: web1, disk: {path: 'D:\\web1.vhdx'}, guest: {credential: lab}}]",
    source=NESTLAB,
)


@detects(GUEST_WITHOUT_SYSTEM)
def guest_without_system(index: TopologyIndex) -> Iterator[Finding]:
    """Keys of a guest that have no effect, because the file does not say which system it has."""
    for place, vm in index.vms:
        if vm.guest.os != "none" or vm.guest.cloud_init:
            continue  # cloud-init-needs-linux asks for the system as well
        names = [key for key in ("credential", "computer_name") if getattr(vm.guest, key)]
        if not names:
            continue
        image = index.system_images.get(place.keys)
        system = f"os: {image.os}" if image else "os: windows or os: linux"
        yield index.finding(
            GUEST_WITHOUT_SYSTEM,
            place.subject,
            (*place.keys, "guest"),
            f"has {' and '.join(names)} but no guest.os: nestlab sets nothing in its guest",
            hint=f"Add {system} to its guest, or remove {' and '.join(names)}.",
        )


DETECTORS = (credential_missing, nothing_to_boot, set_by_hand, guest_without_system)
"""The detectors of this module, in the order of their findings."""
