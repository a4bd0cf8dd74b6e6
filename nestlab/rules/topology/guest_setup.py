"""Rules about guests that nestlab configures."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import POWERSHELL_DIRECT
from nestlab.enumerations import all_of, one_of
from nestlab.model.finding import Finding
from nestlab.model.topology import VM, VMState, guest_settings
from nestlab.rules.rule import NESTLAB, Rule, Scope, Variant, detects
from nestlab.rules.topology.places import MachinePlace
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import mark, tr, translate

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
        is_reported = (
            place.keys in index.on_generalized_images
        )  # reported by first-boot-without-account
        if is_reported or (vm.nested is None and not settings):
            continue
        message = tr(
            "names no credential for its Windows guest, so this cannot be set up in it: {settings}",
            settings="; ".join(settings),
        )
        if vm.nested is not None:
            message = tr(
                "names no credential for its Windows guest, so its role, switches and VMs cannot be set up"
            )
        elif any(adapter.ip_address for adapter in vm.network_adapters):
            message = tr(
                "names no credential for its Windows guest, so its addresses cannot be set up"
            )
        keys = (*place.keys, "guest")
        yield index.finding(
            CREDENTIAL_MISSING.at("error" if vm.nested is not None else "warning"),
            place.subject,
            keys,
            message,
            hint=translate(_ONCE_RUNNING) if vm.state is VMState.OFF else None,
        )


_ONCE_RUNNING = mark(
    "Add guest: {os: windows, credential: NAME}, and write state: Running for at least one apply: in a VM that is declared Off nestlab sets nothing. The password itself stays in the keyring."
)


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

    Every running VM with `guest.os` is waited for, at least until it has a heartbeat.
    """
    by_hand = tr("To install it by hand, leave out guest until then.")
    hint = f"{NOTHING_TO_BOOT.fix_text} {by_hand}"
    for place, vm in index.vms:
        if vm.disk is not None and not vm.disk.is_empty:
            continue
        message = _never_answers(vm)
        if message:
            keys, own_hint = (*place.keys, "disk"), None if vm.nested is not None else hint
            yield index.finding(NOTHING_TO_BOOT, place.subject, keys, message, hint=own_hint)


def _never_answers(vm: VM) -> str:
    """Return the message about a VM without an installed disk; empty if it is not waited for."""
    if vm.nested is not None:
        if vm.disk:
            return tr(
                "is a nested host with an empty disk: no Windows starts in it, and nothing inside it can be created"
            )
        return tr(
            "is a nested host with no disk: no Windows starts in it, and nothing inside it can be created"
        )
    if vm.guest.os == "none" or vm.state is not VMState.RUNNING or vm.has_seed:
        return ""  # seed-not-read reports the last case
    if vm.guest.os == "windows" and _is_configured(vm):
        if vm.disk:
            return tr(
                "has an empty disk, and Windows in it is to be configured: it never answers until it is installed, and nestlab waits for it until the time limit"
            )
        return tr(
            "has no disk, and Windows in it is to be configured: it never answers until it is installed, and nestlab waits for it until the time limit"
        )
    system = vm.guest.os.capitalize()
    if vm.disk:
        return tr(
            "has an empty disk: without an operating system it has no heartbeat, and nestlab waits for that of {system} until the time limit",
            system=system,
        )
    return tr(
        "has no disk: without an operating system it has no heartbeat, and nestlab waits for that of {system} until the time limit",
        system=system,
    )


def _is_configured(vm: VM) -> bool:
    adapters = vm.network_adapters
    return (
        bool(vm.guest.credential)
        or bool(vm.routes)
        or vm.forwards
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
                hint=tr("{way}, or set inside the guest: {values}.", way=way, values=values),
            )


def _left_to_the_user(index: TopologyIndex, place: MachinePlace, vm: VM) -> tuple[str, str] | None:
    """Return why nestlab does not configure a guest, and how to change that; None if it does.

    Other rules report guests of Windows without a credential, and guests with one but no system.
    """
    if vm.guest.os == "linux":
        return (
            tr("has a Linux guest without cloud_init, in which nestlab sets nothing"),
            tr("Add cloud_init: true if its image has cloud-init"),
        )
    if vm.guest.os == "windows":
        return (
            (
                tr(
                    "is declared Off, so nestlab sets nothing in its Windows guest and creates none of its switches and VMs"
                )
                if vm.nested
                else tr("is declared Off, so nestlab sets nothing in its Windows guest"),
                tr(
                    "Unless an earlier `nestlab apply` has set them, which the file does not show: write state: Running for at least one apply (what it sets stays, and this note does too)"
                ),
            )
            if vm.state is VMState.OFF and vm.guest.credential
            else None
        )
    if vm.guest.credential or vm.guest.computer_name or vm.guest.cloud_init:
        return None
    image = index.system_images.get(place.keys)
    return tr("has no guest.os in the file, so nestlab sets nothing in its guest"), _add_system(
        image.os if image else "", is_off=vm.state is VMState.OFF
    )


def _add_system(system: str, *, is_off: bool) -> str:
    """Return how to have nestlab configure a guest of a system, or of an unknown one."""
    if system == "linux":
        return tr("Add guest: {os: linux, cloud_init: true}")
    if system == "windows":
        if is_off:
            return tr(
                "Add guest: {os: windows, credential: NAME}, with state: Running for at least one apply"
            )
        return tr("Add guest: {os: windows, credential: NAME}")
    if is_off:
        return tr(
            "Add guest: {os: windows, credential: NAME}, with state: Running for at least one apply, or guest: {os: linux, cloud_init: true}"
        )
    return tr("Add guest: {os: windows, credential: NAME} or guest: {os: linux, cloud_init: true}")


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
        system = (
            f"os: {image.os}"
            if image
            else one_of([f"os: {system}" for system in ("windows", "linux")])
        )
        keys = (*place.keys, "guest")
        message = tr(
            "has {keys} but no guest.os: nestlab sets nothing in its guest",
            keys=all_of(names),
        )
        hint = tr(
            "Add {system} to its guest, or remove {keys}.",
            system=system,
            keys=all_of(names),
        )
        yield index.finding(GUEST_WITHOUT_SYSTEM, place.subject, keys, message, hint=hint)


DETECTORS = (credential_missing, nothing_to_boot, set_by_hand, guest_without_system)
"""The detectors of this module, in the order of their findings."""
