"""The keys of virtual machines, and of every machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nestlab.constants import CHECKPOINTS_MAXIMUM, PROCESSORS_MAXIMUM
from nestlab.model.topology import (
    VM,
    DynamicMemory,
    Guest,
    Nested,
    SecureBoot,
    VMState,
)
from nestlab.texts import mark, tr
from nestlab.topology_file.key_types import (
    InvalidValue,
    Key,
    ListOf,
    OneLine,
    Scalar,
    Shape,
)
from nestlab.topology_file.keys.count_key import COUNT
from nestlab.topology_file.keys.disk_keys import DATA_DISK, DISK, DVD_DRIVE
from nestlab.topology_file.keys.image_keys import COMPUTER_NAME, FEATURE, LANGUAGE, TIME_ZONE
from nestlab.topology_file.keys.network_keys import GUEST_NAT, NETWORK_ADAPTER, ROUTE
from nestlab.topology_file.keys.switch_keys import SWITCH
from nestlab.topology_file.keys.vm_setting_keys import VM_SETTING_KEYS
from nestlab.topology_file.scalars import (
    BOOLEAN,
    NON_EMPTY_TEXT,
    SIZE,
    TEXT,
    VERSION,
    VM_NAME,
    choice,
    choice_of,
    integer,
)


def _memory_problem(values: Mapping[str, Any]) -> str:
    return (
        tr("minimum must not be more than maximum") if values["minimum"] > values["maximum"] else ""
    )


def _checkpoint_problem(values: Mapping[str, Any]) -> str:
    names = values.get("checkpoints", ())
    folded = [name.casefold() for name in names]
    twice = next((name for name in names if folded.count(name.casefold()) > 1), None)
    if twice is not None:
        return tr("has the checkpoint {name} twice", name=twice)
    if len(names) > CHECKPOINTS_MAXIMUM:
        return tr(
            "has {count} checkpoints; a VM has at most {limit}",
            count=len(names),
            limit=CHECKPOINTS_MAXIMUM,
        )
    return ""


_SECURE_BOOT = choice_of(SecureBoot)


def _secure_boot(text: str) -> SecureBoot:
    try:
        value: SecureBoot = _SECURE_BOOT.parse(text)
    except InvalidValue as error:
        if any(word in text.casefold() for word in ("linux", "ubuntu", "uefi", "debian")):
            hint = tr("The template for Linux is {template!r}.", template=str(SecureBoot.UEFI_CA))
            raise InvalidValue(str(error), hint=hint) from None
        raise
    return value


SECURE_BOOT = Scalar(
    _SECURE_BOOT.template,
    _secure_boot,
    {"anyOf": [{"type": "boolean"}, *_SECURE_BOOT.schema["anyOf"]]},
    _SECURE_BOOT.values,
)

GUEST = Shape(
    "a guest",
    Guest,
    (
        Key(
            "os",
            choice({"windows": "windows", "linux": "linux", "none": "none"}),
            "Operating system of the guest.",
            label="Guest system",
        ),
        Key(
            "credential",
            NON_EMPTY_TEXT,
            "NAME of the guest's credential, looked up in the keyring or asked for.",
            label="Guest credential",
            hint=mark("its name, never a password"),
        ),
        Key(
            "computer_name",
            COMPUTER_NAME,
            "Computer name of Windows in the VM. Default: the VM's name, if its disk is based on one of `images` and Windows accepts the name; otherwise unchanged. With cloud_init, host name of Linux; default: the VM's name.",
            label="Computer name",
            hint="DC01",
        ),
        Key(
            "cloud_init",
            BOOLEAN,
            "Whether a seed disk for cloud-init in a Linux guest is written: addresses, routes, host name and an account.",
            label="Seed disk for cloud-init",
        ),
        Key(
            "language",
            LANGUAGE,
            "Language and formats of Windows on an image with prepared: false, set at its first boot. Default: en-US. Menus use it only if the image contains it.",
            label="Language",
            hint="es-ES",
        ),
        Key(
            "time_zone",
            TIME_ZONE,
            "Time zone of Windows on an image with prepared: false, set at its first boot, as tzutil /l names it. Default: that of the image.",
            label="Time zone",
            hint="Romance Standard Time",  # not shown
        ),
        Key(
            "features",
            ListOf(FEATURE),
            "Roles and features that are installed in Windows Server, by the names of Get-WindowsFeature, with their management tools. Others stay.",
            label="Features",
            hint="DNS, RSAT-AD-Tools",  # not shown
        ),
    ),
)
DYNAMIC_MEMORY = Shape(
    "dynamic memory",
    DynamicMemory,
    (
        Key("minimum", SIZE, "Minimum memory.", required=True),
        Key("maximum", SIZE, "Maximum memory.", required=True),
    ),
    cross_check=_memory_problem,
    line=OneLine(("{minimum} to {maximum}",), "2GB to 8GB"),  # not shown
)
MACHINE_KEYS = (
    Key(
        "forwarding",
        BOOLEAN,
        "Whether the machine routes between its adapters.",
        label="Routes between its adapters",
    ),
    Key("routes", ListOf(ROUTE), "Static routes of the machine.", label="Static routes"),
    Key(
        "answers_ping",
        BOOLEAN,
        "Whether its firewall allows echo requests.",
        label="Answers echo requests",
    ),
)
"""The keys of the host and of every VM."""
VM_SHAPE = Shape(
    "a VM",
    VM,
    (
        Key("name", VM_NAME, "Name of the VM.", required=True, label="Name"),
        Key(
            "generation",
            integer(1, 2),
            "Generation of the VM.",
            label="Generation",
            hint=mark("1 or 2"),
        ),
        Key(
            "processor_count",
            integer(1, PROCESSORS_MAXIMUM),
            "Virtual processors.",
            label="Virtual processors",
            hint="2",
        ),
        Key("memory_startup", SIZE, "Startup memory.", label="Memory", hint="4GB"),
        Key(
            "dynamic_memory",
            DYNAMIC_MEMORY,
            "Dynamic memory between two sizes. Default: static memory.",
            label="Dynamic memory",
            hint=mark("2GB to 8GB; empty: static"),
        ),
        Key(
            "version",
            VERSION,
            "Configuration version. Default: the host's.",
            label="Configuration version",
            hint=mark("10.0; empty: the host's"),
        ),
        Key("state", choice_of(VMState), "State the VM is to be in.", label="State"),
        *VM_SETTING_KEYS,
        Key(
            "checkpoints",
            ListOf(VM_NAME),
            "Names of checkpoints that are taken when all other steps are done, once each. `nestlab reset` goes back to one. A nested host is shut down for them, and started again.",
            label="Checkpoints",
            hint="clean",
        ),
        Key("disk", DISK, "System disk."),
        Key(
            "disks",
            ListOf(DATA_DISK),
            "Data disks, on SCSI controllers. nestlab names the files of those that it creates in the order of this list, so add new ones at its end.",
            label="Data disks",
            hint=mark("4TB, image ws2022, path D:\\d.vhdx"),
        ),
        Key(
            "dvd_drives",
            ListOf(DVD_DRIVE),
            "All DVD drives of the VM, each with an ISO file or empty ({}): on the SCSI controller of generation 2, on an IDE controller of generation 1. A new VM of generation 2 with an empty disk or none boots from the first one first if it has an ISO file. Default: unchanged; Hyper-V gives new VMs of generation 1 one empty drive.",
            label="DVD drives",
            hint=mark("empty, D:\\iso\\ws2022.iso"),
        ),
        Key("guest", GUEST, "Guest operating system."),
        Key("network_adapters", ListOf(NETWORK_ADAPTER), "Network adapters."),
        Key("notes", TEXT, "Notes of the VM, in addition to the ownership mark.", label="Notes"),
        Key(
            "secure_boot",
            SECURE_BOOT,
            "Secure Boot of generation 2: on with the template that suits the os of the VM's image or else guest.os (the default), on with another template, or off.",
            label="Secure Boot",
        ),
        Key(
            "tpm",
            BOOLEAN,
            "Virtual TPM of generation 2, with a key protector that only the VM's host can open. Default: unchanged; none for a new VM.",
            label="Virtual TPM",
        ),
        Key(
            "expose_virtualization_extensions",
            BOOLEAN,
            "Whether virtualization extensions are exposed to the VM, which Hyper-V inside it needs. Default: true exactly when nested is present.",
            label="Exposes virtualization extensions",
        ),
        *MACHINE_KEYS,
        Key(
            "nat",
            GUEST_NAT,
            "NAT of a VM that is a router; it routes between its adapters then. Windows Server: New-NetNat, for all other networks of the VM. Linux with cloud_init: nftables, for the outside adapter.",
            label="NAT",
            hint=mark("10.0.0.0/24 to Internet; empty: none"),
        ),
        Key("nested", lambda: NESTED, "Makes the VM a nested host with its own switches and VMs."),
    ),
    cross_check=_checkpoint_problem,
    short_forms=(COUNT,),
)
NESTED: Shape = Shape(
    "a nested host's content",
    Nested,
    (
        Key("switches", ListOf(SWITCH), "Switches inside the nested host."),
        Key("vms", ListOf(VM_SHAPE), "VMs inside the nested host."),
    ),
)
