"""Compares the settings that Windows was given at its first boot with those that it reports."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.enumerations import all_of
from nestlab.model.first_boot_note import FirstBoot, first_boot_of
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.model.topology import VM
from nestlab.plan.first_boot_steps import first_boot
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import OutOfReach
from nestlab.texts import mark, tr, translate

_OF_IMAGE = mark("that of the image")
_SETTINGS = {
    "language": mark("language"),
    "time_zone": mark("time zone"),
}


def first_boot_blockers(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState, guest: HostState | None = None
) -> Iterator[str]:
    """Yield a phrase for each wanted setting that differs from the one given at the first boot.

    A setting that the `guest` reports with another value than it was given is left out: see
    `not_set_at_first_boot`. Without a first-boot line in the VM's notes, nestlab wrote no answer
    file: then what the file declares is compared with what the guest reports, if that is known.
    """
    wanted, given = first_boot(machine, vm), first_boot_of(current.notes)
    if wanted is None:
        return
    if given is None:
        yield from _without_answers(vm, wanted, guest)
        return
    differing = {key for key, _, _ in _differences(given, guest)} if guest else set()
    of_image = translate(_OF_IMAGE)
    pairs = (
        ("language", given.language, wanted.language),
        ("time_zone", given.time_zone or of_image, wanted.time_zone or of_image),
    )
    for key, before, after in pairs:
        if before.casefold() != after.casefold() and key not in differing:
            yield _cannot_change(key, before, after)


def _without_answers(vm: VM, wanted: FirstBoot, guest: HostState | None) -> Iterator[str]:
    """Yield what the file declares and Windows does not have, if no answer file was written."""
    for key, value, actual in _differences(wanted, guest) if guest else ():
        if getattr(vm.guest, key):  # not the default language: no key asks for it
            yield tr(
                "{problem}, and the VM was created without an answer file",
                problem=_cannot_change(key, actual, value),
            )


def _cannot_change(key: str, before: str, after: str) -> str:
    return tr(
        "guest {setting} cannot change from {before} to {after}, because Windows sets it at its first boot only",
        setting=translate(_SETTINGS[key]),
        before=before,
        after=after,
    )


def _actual_text(key: str, actual: str) -> str:
    return tr("the {setting} {value}", setting=translate(_SETTINGS[key]), value=actual)


def not_set_at_first_boot(machine: PlannedMachine, vm: VM) -> Iterator[OutOfReach]:
    """Yield the settings of a guest on a generalized image that differ from its answer file.

    Where all of them differ, Windows did not read it: the image was not generalized.
    """
    wanted = first_boot(machine, vm)
    given = first_boot_of(machine.as_vm.notes) if machine.as_vm else None
    if wanted is None or given is None:
        return
    values = tuple(_differences(wanted, machine.state))
    if not values:
        return
    has = all_of([_actual_text(key, actual) for key, _, actual in values])
    image, name = vm.disk.image if vm.disk else "", machine.name
    ignored = len([*_differences(given, machine.state)]) == 1 + bool(given.time_zone)
    why = (
        tr(
            "Windows in {name} has {has}: it did not read its answer file, so image {image} seems to be already prepared, and not generalized. Set prepared: true for the image, give the credential {credential} an account that the image has, and remove language and time_zone here. The answer file with the password is still there: delete Windows\\Panther\\unattend.xml in {name}",
            name=name,
            has=has,
            image=image,
            credential=vm.guest.credential,
        )
        if ignored
        else tr(
            "Windows in {name} has {has}, and nestlab sets that at its first boot only",
            name=name,
            has=has,
        )
    )
    yield OutOfReach(
        machine.path, tuple(f"{key}: {value}" for key, value, _ in values), why, differs=True
    )


def _differences(wanted: FirstBoot, guest: HostState) -> Iterator[tuple[str, str, str]]:
    """Yield each setting with the value it should have, and the one that the guest reports."""
    language, zone = guest.computer.system_locale, guest.computer.time_zone
    if language and not _is_same_language(wanted.language, language):
        yield "language", wanted.language, language
    if zone and wanted.time_zone and wanted.time_zone.casefold() != zone.casefold():
        yield "time_zone", wanted.time_zone, zone


def _is_same_language(one: str, other: str) -> bool:
    """Whether two names mean one locale; without a region, or with a script, one language.

    >>> _is_same_language("es", "es-ES"), _is_same_language("en-GB", "en-US")
    (True, False)
    """
    parts, others = one.casefold().split("-"), other.casefold().split("-")
    is_exact = len(parts) == len(others) == 2  # noqa: PLR2004  # language and region
    return parts == others if is_exact else parts[0] == others[0]
