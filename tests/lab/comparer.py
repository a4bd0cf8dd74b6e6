"""What differs between a topology and a simulated host, read from the host's own data.

It shares no code with `nestlab.plan`.

Compared is what the file says, and what carries the topology's mark; in a guest only where nestlab
can look into it.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from ipaddress import IPv4Interface, IPv4Network

from nestlab.model.topology import VM, SwitchType, VMState
from nestlab.simulator.behaviour.network.firewall import answers_ping
from nestlab.simulator.cmdlets.hyper_v.network_records import adapter_record
from nestlab.simulator.cmdlets.hyper_v.vm_records import vm_record
from nestlab.topology_file.keys import ADAPTER_SETTINGS, VM_SETTINGS
from tests.plain_keys import unlike

ANYWHERE = "0.0.0.0/0"
_FIRST_BOOT = re.compile(r"^nestlab first boot: .*\n", re.MULTILINE)


def differences(topology, host, journal=None):
    """Return what differs, one sentence each; `host` is the simulated machine.

    A disk without a VM that the undo in `journal` attaches again is no difference.
    """
    comparison = Comparison(topology.name, topology.images)
    comparison.kept = {path.lower() for path in attached_by_undo(journal)}
    return list(comparison.machine((), topology, host))


def attached_by_undo(journal):
    """Yield the paths of the disks that the undo in a journal attaches, from its text."""
    lines = journal.read_text("utf-8").splitlines() if journal and journal.exists() else ()
    for line in lines:
        for first in json.loads(line).get("step", {}).get("undo", ()):
            cmdlet = first
            while cmdlet.get("pipe_to"):
                cmdlet = cmdlet["pipe_to"]
            if cmdlet["name"] in ("Add-VMHardDiskDrive", "Set-VMHardDiskDrive"):
                yield cmdlet["parameters"]["Path"]


def chain(path, files):
    """Yield a disk of a VM and, where checkpoints stand on it, what each of their files stands on."""
    yield path
    while path.lower().endswith(".avhdx"):
        path = files[path.lower()].parent
        yield path


class Comparison:
    def __init__(self, topology, images=()):
        self.images = {image.name: image.path for image in images}
        self.topology = topology
        self.mark = f"nestlab:{topology}"
        self.prefix = f"nestlab.{topology}."
        self.kept = set()

    # -- one machine
    # -----------------------------------------------------------------------------------------------

    def machine(self, path, wanted, there):
        hyper_v = there.hyper_v
        if hyper_v is None:
            if path == () or wanted.nested is not None:
                yield f"{path}: no Hyper-V"
            yield from self.windows(path, wanted, there)
            return
        yield from self.owned(path, wanted, there)
        for switch in wanted.switches:
            yield from self.switch(path, switch, there)
        yield from self.windows(path, wanted, there)
        for vm in wanted.vms:
            yield from self.vm((*path, vm.name), vm, there)

    def owned(self, path, wanted, there):
        names = {vm.name.lower() for vm in wanted.vms}
        yield from (
            f"{path}: VM {vm.name} is ours and not in the file"
            for vm in there.hyper_v.vms
            if self.mark in vm.settings.notes.split() and vm.name.lower() not in names
        )
        names = {switch.name.lower() for switch in wanted.switches}
        yield from (
            f"{path}: switch {switch.name} is ours and not in the file"
            for switch in there.hyper_v.switches
            if self.mark in switch.notes.split() and switch.name.lower() not in names
        )
        nats = {self.prefix + switch.name for switch in wanted.switches if switch.nat}
        yield from (
            f"{path}: NAT {n.name}"
            for n in there.nats
            if n.name.startswith(self.prefix) and n.name not in nats
        )
        scopes = {self.prefix + switch.name for switch in wanted.switches if switch.dhcp}
        scopes |= self.of_guest(wanted).keys()
        yield from (
            f"{path}: scope {s.name}"
            for s in there.dhcp_scopes
            if s.name.startswith(self.prefix) and s.name not in scopes
        )
        drives = [drive.path for vm in there.hyper_v.vms for drive in vm.settings.drives]
        attached = {link.lower() for drive in drives for link in chain(drive, there.files)}
        for file in there.files.values():
            if (
                file.path.rpartition("\\")[2].startswith(self.prefix)
                and file.path.lower() not in attached | self.kept
            ):
                yield f"{path}: disk {file.path} is ours and no VM has it"

    # -- switches
    # --------------------------------------------------------------------------------------------------

    def switch(self, path, wanted, there):
        where = f"{path}: switch {wanted.name}"
        found = [switch for switch in there.hyper_v.switches if switch.name == wanted.name]
        if len(found) != 1:
            yield f"{where}: {len(found)} of them"
            return
        if wanted.existing:
            return
        if found[0].switch_type != wanted.switch_type:
            yield f"{where}: type {found[0].switch_type}"
        if wanted.switch_type is SwitchType.EXTERNAL:
            ports = {adapter.device_id: adapter.port for adapter in there.adapters}
            bound = [ports.get(device) for device in found[0].net_adapters]
            if bound != [self.ids[path, name] for name in wanted.net_adapters]:
                yield f"{where}: bound to {bound}"
        yield from self.own_adapters(where, wanted, there)
        yield from self.nat(where, wanted, there)
        scope = next((s for s in there.dhcp_scopes if s.name == self.prefix + wanted.name), None)
        served = scope and self.of_scope(scope)
        if wanted.dhcp and served != self.wanted_scope(wanted, wanted.dhcp):
            yield f"{where}: scope {scope}"

    def of_guest(self, wanted):
        """The scopes that a guest serves on adapters of its VM, by their names in Windows."""
        adapters = wanted.network_adapters if isinstance(wanted, VM) else ()
        return {
            f"{self.prefix}{wanted.name}/{each.name}": self.wanted_scope(
                each, each.dhcp_server, own_router=wanted.forwards
            )
            for each in adapters
            if each.dhcp_server
        }

    def guest_scopes(self, path, wanted, there):
        prefix = f"{self.prefix}{path[-1]}/" if path else None
        found = {
            scope.name: self.of_scope(scope)
            for scope in there.dhcp_scopes
            if prefix and scope.name.startswith(prefix) and scope.state == "Active"
        }
        if found != self.of_guest(wanted):
            yield f"{path}: scopes of the guest {found}"

    def of_scope(self, scope):
        reserved = {(r.address, r.client_id.replace("-", "").upper()) for r in scope.reservations}
        return (scope.start, scope.end, scope.router, scope.dns_servers, reserved)

    def wanted_scope(self, on, scope, *, own_router=True):
        own = on.ip_address.ip if own_router else None
        return (
            str(scope.first),
            str(scope.last),
            [str(router)] if (router := scope.router or own) else [],
            list(map(str, scope.dns_servers)),
            {(str(r.ip_address), r.mac_address) for r in scope.reservations},
        )

    def own_adapters(self, where, wanted, there):
        own = [a for a in there.hyper_v.management_adapters if a.switch_name == wanted.name]
        further = {adapter.name for adapter in wanted.management_adapters}
        first = [adapter for adapter in own if adapter.name == wanted.name]
        if len(first) != wanted.has_management_adapter:
            yield f"{where}: {len(first)} own adapters of its name"
        for name in further - {adapter.name for adapter in own}:
            yield f"{where}: no own adapter {name}"
        for name in {adapter.name for adapter in own} - further - {wanted.name}:
            yield f"{where}: own adapter {name} is not in the file"
        if wanted.has_management_adapter and first:
            yield from self.vlan(where, wanted.vlan, first[0].vlan)

    def nat(self, where, wanted, there):
        nat = next((nat for nat in there.nats if nat.name == self.prefix + wanted.name), None)
        if wanted.nat is None:
            return
        if nat is None or IPv4Network(nat.internal_prefix) != wanted.nat:
            yield f"{where}: NAT {nat}"
            return
        mappings = {
            (m.protocol.lower(), m.external_port, m.internal_address, m.internal_port)
            for m in nat.mappings
        }
        if mappings != {
            (f.protocol, f.external_port, str(f.to_address), f.to_port)
            for f in wanted.port_forwards
        }:
            yield f"{where}: forwards {mappings}"

    # -- Windows
    # ---------------------------------------------------------------------------------------------------

    def windows(self, path, wanted, there):
        """Compare the interfaces that are the topology's: those of its Internal switches, and of the adapters of its VMs."""
        yield from self.guest_scopes(path, wanted, there)
        owned = [
            (self.management(there, switch.name), switch)
            for switch in wanted.switches
            if switch.switch_type is SwitchType.INTERNAL
        ]
        if isinstance(wanted, VM):
            owned += self.of_adapters(path, wanted, there)
        routes = {(str(route.to), str(route.via)) for route in wanted.routes}
        for adapter, settings in owned:
            if adapter is None:
                yield f"{path}: no interface for {settings.name}"
                continue
            yield from self.interface(
                f"{path}: {settings.name}", settings, adapter.ip, forwarding=wanted.forwards
            )
            own = {
                (r.destination, r.next_hop)
                for r in adapter.ip.routes
                if r.destination != ANYWHERE and not r.dhcp
            }
            yield from (f"{path}: route {route} of {settings.name}" for route in own - routes)
        yield from self.routes(path, wanted.routes, owned, there)
        if isinstance(wanted, VM) and answers_ping(there) != wanted.answers_ping:
            yield f"{path}: answers ping {answers_ping(there)}"

    def of_adapters(self, path, wanted, there):
        """Yield the interfaces of a VM's adapters with their settings.

        An External switch has taken them over, or ends them.
        """
        by_port = {
            adapter.port: adapter for adapter in there.adapters if adapter.kind == "synthetic"
        }
        taken = {
            switch.net_adapter: switch
            for switch in wanted.switches
            if switch.switch_type is SwitchType.EXTERNAL and not switch.existing
        }
        for adapter in wanted.network_adapters:
            switch = taken.get(adapter.name)
            if switch is None:
                yield by_port.get(self.ids[path, adapter.name]), adapter
            elif switch.ip_address:
                yield self.management(there, switch.name), switch
            elif switch.allow_management_os:
                metric = switch.interface_metric
                settings = replace(
                    adapter,
                    gateway=switch.gateway or adapter.gateway,
                    dns_servers=switch.dns_servers or adapter.dns_servers,
                    interface_metric=adapter.interface_metric if metric is None else metric,
                )
                yield self.management(there, switch.name), settings

    def routes(self, path, routes, owned, there):
        """Compare where routes are: on the adapter that has the network of the next hop in the file, or else on one."""
        holders = [
            (route.destination, route.next_hop, adapter.name)
            for adapter in there.adapters
            for route in adapter.ip.routes
        ]
        for route in routes:
            own = [
                adapter.name
                for adapter, settings in owned
                if adapter and settings.ip_address and route.via in settings.ip_address.network
            ]
            at = [n for to, via, n in holders if (to, via) == (str(route.to), str(route.via))]
            if len(at) != 1 or (own and at != own[:1]):
                yield f"{path}: {route} is on {at}, wanted on {own}"

    def management(self, there, switch):
        own = (
            next((a for a in there.hyper_v.management_adapters if a.switch_name == switch), None)
            if there.hyper_v
            else None
        )
        return next((a for a in there.adapters if own and a.device_id == own.device_id), None)

    def interface(self, where, wanted, ip, *, forwarding):
        by_hand = {f"{a.address}/{a.prefix_length}" for a in ip.addresses if a.origin == "Manual"}
        expected = {str(wanted.ip_address)} if wanted.ip_address else set()
        if by_hand != expected or ip.dhcp != (wanted.ip_address is None):
            yield f"{where}: addresses {by_hand}, DHCP {ip.dhcp}"
        routes = [route for route in ip.routes if route.destination == ANYWHERE]
        by_hand = {route.next_hop for route in routes if not route.dhcp}
        # Of an adapter that asks DHCP, Windows does not tell what came from there and what was set
        # by hand: a gateway from DHCP is as good as one that is set.
        if wanted.gateway:
            gateway = str(wanted.gateway)
            as_wanted = any(route.next_hop == gateway for route in routes) and by_hand <= {gateway}
        else:
            as_wanted = ip.dhcp or not by_hand
        if not as_wanted:
            yield f"{where}: gateways {by_hand}"
        servers = list(map(str, wanted.dns_servers))
        if ip.dns_servers != servers and (servers or not ip.dhcp):
            yield f"{where}: DNS {ip.dns_servers}"
        if ip.interface_metric != wanted.interface_metric:
            yield f"{where}: metric {ip.interface_metric}"
        if ip.forwarding != forwarding:
            yield f"{where}: forwarding {ip.forwarding}"

    # -- VMs
    # -------------------------------------------------------------------------------------------------------

    def vm(self, path, wanted, above):
        found = [vm for vm in above.hyper_v.vms if vm.name == wanted.name]
        if len(found) != 1:
            yield f"{path}: {len(found)} of them"
            return
        there = found[0]
        memory, dynamic = there.settings.memory, wanted.dynamic_memory
        pairs = {
            "generation": (there.generation, wanted.generation),
            "version": (there.version, wanted.version or there.version),
            "state": (there.state == "Running", wanted.state is VMState.RUNNING),
            "processors": (there.settings.processor.count, wanted.processor_count),
            "extensions": (
                there.settings.processor.expose_virtualization_extensions,
                wanted.exposes_extensions,
            ),
            "memory": (memory.startup, wanted.memory_startup),
            "dynamic memory": (
                (memory.minimum, memory.maximum) if memory.dynamic else None,
                (dynamic.minimum, dynamic.maximum) if dynamic else None,
            ),
            "DVD drives": self.dvd_drives(there, wanted),
            "secure boot": self.secure_boot(there, wanted),
            "TPM": (
                there.settings.firmware.tpm_enabled,
                there.settings.firmware.tpm_enabled if wanted.tpm is None else wanted.tpm,
            ),
            "checkpoints": (
                {f"nestlab.{self.topology}.{name}" for name in wanted.checkpoints}
                - {snapshot.name for snapshot in there.snapshots},
                set(),
            ),
            "notes": (
                _FIRST_BOOT.sub("", there.settings.notes),
                f"{wanted.notes}\n{self.mark}" if wanted.notes else self.mark,
            ),
        }
        yield from (
            f"{path}: {key} {now}, wanted {then}"
            for key, (now, then) in pairs.items()
            if now != then
        )
        record = vm_record(above, there)
        yield from (f"{path}: {text}" for text in unlike(VM_SETTINGS, wanted, record))
        yield from self.disk(path, wanted, there, above)
        yield from self.adapters(path, wanted, there, above)
        yield from self.inside(path, wanted, there, above)

    @staticmethod
    def dvd_drives(there, wanted):
        now = sorted(drive.path.lower() for drive in there.settings.drives if drive.kind == "dvd")
        if wanted.dvd_drives is None:
            return now, now
        return now, sorted((drive.path or "").lower() for drive in wanted.dvd_drives)

    @staticmethod
    def secure_boot(there, wanted):
        firmware = there.settings.firmware
        now = firmware.secure_boot_template if firmware.secure_boot else "off"
        of_os = {"windows": "MicrosoftWindows", "linux": "MicrosoftUEFICertificateAuthority"}
        asked = str(wanted.secure_boot or "true")
        if there.generation == 1 or (wanted.secure_boot is None and wanted.guest.os not in of_os):
            return now, now
        default = of_os.get(wanted.guest.os, "MicrosoftWindows")
        return now, {"true": default, "false": "off"}.get(asked, asked)

    def disk(self, path, wanted, there, above):
        drives = [
            list(chain(drive.path, above.files))[-1]
            for drive in there.settings.drives
            if drive.kind == "disk"
        ]
        prefix = f"{above.hyper_v.virtual_hard_disk_path}\\{self.prefix}{wanted.name}.disk-".lower()
        data = [drive for drive in drives if drive.lower().startswith(prefix)]
        drives = [drive for drive in drives if drive not in data]
        files = [above.files[drive.lower()] for drive in data]
        sizes = sorted(file.size for file in files if not file.parent)
        if sizes != sorted(disk.size for disk in wanted.disks):
            yield f"{path}: data disks {data} of {sizes}"
        if wanted.disk is None:
            yield from (f"{path}: disk {drive}" for drive in drives)
            return
        own = f"{above.hyper_v.virtual_hard_disk_path}\\{self.prefix}{wanted.name}.vhdx"
        expected = wanted.disk.path or own
        if [drive.lower() for drive in drives] != [expected.lower()]:
            yield f"{path}: disks {drives}"
            return
        file = above.files[expected.lower()]
        parent = wanted.disk.parent or ""
        if wanted.disk.image:
            parent = self.images[wanted.disk.image]
            if len(path) > 1:
                yield from self.brought(path, parent, above)
                folder = above.hyper_v.virtual_hard_disk_path
                parent = f"{folder}\\nestlab-images\\{wanted.disk.image}.vhdx"
        if not wanted.disk.path and file.parent.lower() != parent.lower():
            yield f"{path}: disk stands on {file.parent}"
        if wanted.disk.size and file.size != wanted.disk.size:
            yield f"{path}: disk of {file.size} on {file.parent!r}"

    @staticmethod
    def brought(path, source, above):
        """Compare an image in a nested host with its file on the host that carries all."""
        outside = above
        while outside.outer_host is not None:
            outside = outside.outer_host
        length = outside.files[source.lower()].length
        copies = [file for key, file in above.files.items() if "\\nestlab-images\\" in key]
        if length not in [file.length for file in copies]:
            yield f"{path}: no whole copy of {source}"

    ids: dict

    def adapters(self, path, wanted, there, above):
        self.ids = getattr(self, "ids", {})
        by_name = {adapter.name: adapter for adapter in there.settings.adapters}
        if len(there.settings.adapters) != len(wanted.network_adapters):
            yield f"{path}: {len(there.settings.adapters)} adapters"
        for adapter in wanted.network_adapters:
            now = by_name.get(adapter.name)
            self.ids[path, adapter.name] = now.id if now else ""
            if now is None:
                yield f"{path}: no adapter {adapter.name}"
                continue
            switch = adapter.switch if adapter.switch and adapter.connected else ""
            mac = None if now.dynamic_mac_address else now.mac_address
            pairs = {
                "switch": (now.switch_name, switch),
                "MAC": (mac, adapter.mac_address),
                "spoofing": (now.mac_address_spoofing, adapter.mac_address_spoofing),
                "teaming": (
                    now.allow_teaming,
                    now.allow_teaming if adapter.allow_teaming is None else adapter.allow_teaming,
                ),
            }
            yield from self.vlan(f"{path}: {adapter.name}", adapter.vlan, now.vlan)
            record = adapter_record(above, now, there)
            yield from (
                f"{path}: {adapter.name} {text}"
                for text in unlike(ADAPTER_SETTINGS, adapter, record)
            )
            yield from (
                f"{path}: {adapter.name} {key} {a}, wanted {b}"
                for key, (a, b) in pairs.items()
                if a != b
            )

    @staticmethod
    def vlan(where, wanted, now):
        expected = ("Untagged", 0, [])
        if wanted and wanted.access:
            expected = ("Access", wanted.access, [])
        elif wanted:
            expected = ("Trunk", wanted.native, sorted(wanted.trunk))
        number = {"Access": now.access, "Trunk": now.native}.get(now.mode, 0)
        found = (now.mode, number, sorted(now.allowed) if now.mode == "Trunk" else [])
        if found != expected:
            yield f"{where} VLAN {found}, wanted {expected}"

    def inside(self, path, wanted, there, above):
        """Compare the guest where nestlab can look: a Windows that is to run, with a credential."""
        if (
            wanted.state is VMState.OFF
            or wanted.guest.os != "windows"
            or not wanted.guest.credential
        ):
            return
        guest = above.guest(there)
        if guest is None or there.state != "Running":
            yield f"{path}: no guest"
            return
        asked = wanted.guest.computer_name
        if asked is None and wanted.disk is not None and wanted.disk.image is not None:
            fits = re.fullmatch("[A-Za-z0-9-]{1,15}", wanted.name) and not wanted.name.isdigit()
            asked = wanted.name if fits else None
        if asked is not None and guest.name.casefold() != asked.casefold():
            yield f"{path}: computer name {guest.name}, not {asked}"
        missing = [n for n in wanted.guest.features if guest.features.get(n) != "Installed"]
        yield from (f"{path}: feature {name} is not installed" for name in missing)
        if wanted.nested is None:
            own = [nat.internal_prefix for nat in guest.nats if nat.name.startswith(self.prefix)]
            if own != ([str(wanted.nat.inside)] if wanted.nat else []):
                yield f"{path}: NATs for {own}"
        yield from self.machine(path, wanted, guest)


def network_of(interface: IPv4Interface) -> IPv4Network:
    return interface.network
