"""Checks that a step still acts on the adapter of Windows that it was planned for.

An adapter is selected by its name in Windows, which is unique on a machine and which
Rename-NetAdapter changes; Hyper-V knows its own adapter on a switch by its DeviceId, which stays
(https://learn.microsoft.com/powershell/module/netadapter/rename-netadapter).
"""

from __future__ import annotations

from collections.abc import Iterable

from nestlab.dataclass import replace
from nestlab.model import Record, SwitchParameter
from nestlab.model.spelling import same_name
from nestlab.model.topology.declared_network import management_alias_of
from nestlab.observe.adapter_alias import on_alias
from nestlab.observe.entries_of_others import with_entries
from nestlab.observe.reading import guid, text
from nestlab.observe.switch_services import agreed_to, vms_of_others_on, why_service_is_kept
from nestlab.observe.target_reader import GET_VM_HOST, TargetReader, query
from nestlab.plan import (
    Refusal,
    Step,
    StepTarget,
    TargetKind,
    removed_addresses,
    why_address_is_kept,
)
from nestlab.texts import tr


def identify_address(reader: TargetReader) -> Step | Refusal:
    """Return the step with the name that its adapter has now, or why it must not run.

    An adapter has another name where a plan names the adapter of a switch that it creates and
    Windows named that otherwise, or where it was renamed since.
    """
    step, target = reader.step, reader.step.target
    if not target.switch:
        return step  # from a journal of an earlier version
    outcome = reader.read(
        GET_VM_HOST,
        query("Get-VMSwitch", Name=target.switch),
        query("Get-VMNetworkAdapter", ManagementOS=SwitchParameter.ON),
        query("Get-NetAdapter"),
    )
    found = reader.single(TargetKind.SWITCH, outcome.of_type("VMSwitch"), target.switch)
    if isinstance(found, Refusal):
        return found
    adapters = outcome.of_type("MSFT_NetAdapter")
    named = [each for each in adapters if same_name(text(each, "Name"), target.name)]
    devices = {guid(record, "DeviceID") for record in named}
    management = outcome.of_type("VMInternalNetworkAdapter")
    on_switch = [each for each in management if guid(each, "SwitchId") == guid(found, "Id")]
    if not any(guid(record, "DeviceId") in devices for record in on_switch):
        is_gone = reader.is_undo and not devices
        alias = _alias_now(target.name, on_switch, adapters, any_name=is_gone)
        if alias is not None:
            step = on_alias(step, alias)
            reader = replace(reader, step=step)
        elif is_gone:
            return Refusal(tr("there is no adapter {adapter} any more", adapter=target.name))
        elif any(guid(record, "DeviceId") in devices for record in management):
            return Refusal(_of_another_switch(target))
    why = why_service_is_kept(reader) if reader.removes_service else ""
    return Refusal(why, in_use=True) if why else _with_users(reader, found)


def _of_another_switch(target: StepTarget) -> str:
    return tr(
        "{adapter} now belongs to a switch other than {switch}",
        adapter=target.name,
        switch=target.switch,
    )


def _with_users(reader: TargetReader, switch: Record) -> Step | Refusal:
    """Return the step, or why it is kept: entries of others, or an address that they use."""
    found = with_entries(reader)
    if isinstance(found, Refusal):
        return found
    why = _why_address_is_kept(reader, switch)
    return Refusal(why, in_use=True) if why else found


def _why_address_is_kept(reader: TargetReader, switch: Record) -> str:
    """Return the reason to keep an address for VMs of others; empty if the step may remove it.

    On an External switch, their gateway is that of the physical network.
    """
    step = reader.step
    removed = removed_addresses(step)
    is_external = text(switch, "SwitchType") == "External"
    if not removed or is_external or not step.undo or agreed_to(reader):
        return ""
    name = text(switch, "Name")
    return why_address_is_kept(vms_of_others_on(reader, name), name, removed)


def _alias_now(
    alias: str, on_switch: list[Record], adapters: Iterable[Record], *, any_name: bool
) -> str | None:
    """Return the present name of the adapter that was `alias`; None if that is not known.

    It is the one to which Windows gave that name, or that name with another number; with
    `any_name`, also the only one on the switch.
    """
    same = [each for each in on_switch if _is_named(text(each, "Name"), alias)]
    candidates = same or (on_switch if any_name else [])
    if len(candidates) != 1:
        return None
    device = guid(candidates[0], "DeviceId")
    return next((text(each, "Name") for each in adapters if guid(each, "DeviceID") == device), None)


def _is_named(adapter: str, alias: str) -> bool:
    """Whether Windows gives an adapter of the machine this alias, or this one but for its number.

    Windows appends a number where another adapter has the name.
    """
    own = management_alias_of(adapter).casefold()
    return alias.casefold() == own or alias.casefold().startswith(f"{own} ")
