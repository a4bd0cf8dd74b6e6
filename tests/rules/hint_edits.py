"""What hints about a topology file tell its author to change, and these changes made."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """The words of a hint, and what they change in the file: `{0}` is what the words' group says."""

    words: str
    changes: tuple[tuple[str, str], ...]

    def made(self, text: str, hint: str) -> str:
        """Return the file after the change."""
        said = re.search(self.words, hint)
        assert said, f"the hint does not say {self.words!r} any more: {hint}"
        for old, new in self.changes:
            assert old in text, f"{old!r} is not in {text!r}"
            text = text.replace(old, _filled(new, said.groups()), 1)
        return text


def _filled(text: str, groups: tuple[str, ...]) -> str:
    for place, group in enumerate(groups):
        text = text.replace(f"{{{place}}}", group)
    return text


def edit(words: str, *changes: tuple[str, str]) -> Edit:
    """Return an edit."""
    return Edit(words, changes)


EDITS = {
    "adapter-in-two-switches": edit(
        "bind the second switch to another adapter",
        ("B, switch_type: External, net_adapter: Ethernet", "B, switch_type: External, net_adapter: Ethernet 2"),
    ),
    "address-not-usable": edit("a host address inside", ("10.0.0.0/24", "10.0.0.1/24")),
    "address-without-adapter": edit("Make the switch (Internal)", ("Private", "{0}")),
    "check-contradicted": edit("correct the topology, or the expectation", ("expect: reachable", "expect: unreachable")),
    "check-undetermined": edit("an (ip_address) in place of dhcp: true", ("dhcp: true", "{0}: 10.0.0.1/24")),
    "check-of-stopped-vm": edit("Write (state: Running) for b", ("state: Off", "{0}")),
    "credential-missing": edit(r"Add guest: \{os: windows, (credential: NAME)\}", ("os: windows", "os: windows, {0}")),
    "dhcp-and-address": edit("Keep one of the two", (", ip_address: 10.0.0.5/24", "")),
    "address-in-dhcp-range": edit(r"Give it (10\.0\.0\.2/24), which is free", ("10.0.0.100/24", "{0}")),
    "dhcp-on-physical-network": edit(r"on an (Internal) switch", ("External, net_adapter: Ethernet", "{0}")),
    "dhcp-range-too-small": edit(r"dhcp: (\{range: [0-9.]+-[0-9.]+\})", ("{range: 10.0.0.100-10.0.0.100}", "{0}")),
    "dhcp-router-wrong": edit(r"remove (router)", (", router: 10.0.9.1", "")),
    "dhcp-reservation-wrong": edit(r"an address of (10\.0\.0)\.0/24", ("10.0.9.50", "{0}.50")),
    "dhcp-reservation-unused": edit(
        "remove the reservation",
        (", reservations: [{ip_address: 10.0.0.50, mac_address: 00-15-5D-00-00-50}]", ""),
    ),
    "several-dhcp-servers": edit("Remove one of the two scopes", (", dhcp_server: {range: 10.0.0.150-10.0.0.199}", "")),
    "dhcp-without-server": edit(
        r"add (dhcp: \{range: )", ("10.0.0.1/24}", "10.0.0.1/24, {0}10.0.0.100-10.0.0.200}}")
    ),
    "dhcp-wrong": edit(r"a range in (10\.0\.0)\.0/24", ("10.0.9.100-10.0.9.200", "{0}.100-{0}.200")),
    "disk-format-wrong": edit(r"Name a \.vhdx file", ("ws2012.vhd", "ws2012.vhdx")),
    "disk-in-two-vms": edit(
        r"disk: \{(parent): ",
        (r"{name: a, disk: {path:", r"{name: a, disk: {{0}:"),
        (r"{name: b, disk: {path:", r"{name: b, disk: {{0}:"),
    ),
    "disk-size-not-possible": edit("at most (64TB)", ("100TB", "{0}")),
    "too-many-disks": edit("at most (63) data disks", ("count: 64", "count: {0}")),
    "iso-file-wrong": edit(r"Name an \.iso file", ("ws2022.vhdx", "ws2022.iso")),
    "too-many-dvd-drives": edit("at most 3 DVD drives", ("[{}, {}, {}, {}]", "[{}, {}, {}]")),
    "duplicate-address": edit("its own address", ("a, network_adapters: [{switch: A, ip_address: 10.0.0.1/24", "a, network_adapters: [{switch: A, ip_address: 10.0.0.2/24")),
    "duplicate-computer-name": edit(
        r"its own guest: \{computer_name", ("{name: b, guest: {os: windows, credential: c, computer_name: DC01", "{name: b, guest: {os: windows, credential: c, computer_name: DC02")
    ),
    "first-boot-without-account": edit(r"Add guest: \{(credential): NAME\}", ("guest: {os: windows}", "guest: {os: windows, {0}: lab-admin}")),
    "first-boot-setting-without-effect": edit("Remove language", (", language: es-ES", "")),
    "prepared-without-effect": edit("Remove prepared", (", prepared: false", "")),
    "guest-without-system": edit("Add (os: windows) or", ("guest: {", "guest: {{0}, ")),
    "password-in-file": edit("Remove the password from the file", (", x-password: Geheim-1", "")),
    "image-in-both-generations": edit("give the VMs one generation", ("generation: 1, ", "")),
    "image-of-another-generation": edit("Write (generation: 1) for the VM", ("{name: web1,", "{name: web1, {0},")),
    "unknown-language": edit("Correct the name", ("xx-XX", "es-ES")),
    "disk-in-use": edit(
        "Copy the file, and write the path of the copy", (r"{path: 'D:\vms\base.vhdx'}", r"{path: 'D:\vms\copy.vhdx'}")
    ),
    "image-as-disk": edit(
        r"Write (disk: \{image: ws2022\})", (r"disk: {path: 'D:\images\ws2022.vhdx'}", "{0}")
    ),
    "path-inside-nested-host": edit(
        r"under images, and write disk: \{(image): NAME",
        ("vms: [{name: HV1", "images: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}\nvms: [{name: HV1"),
        ("parent: 'D:\\images\\ws2022.vhdx'", "{0}: ws2022"),
    ),
    "cloud-init-needs-linux": edit(r"guest: \{(os: linux), ", ("os: windows", "{0}")),
    "seed-without-account": edit("Add (credential): NAME", ("cloud_init: true", "cloud_init: true, {0}: lab")),
    "set-by-hand": edit("Add (cloud_init: true)", ("os: linux", "os: linux, {0}")),
    "seed-not-read": edit(
        r"disk: \{(image): NAME\} to an image with cloud-init",
        ("vms:", "images: {ubuntu: {path: 'D:\\images\\ubuntu.vhdx', os: linux}}\nvms:"),
        ("{size: 40GB}", "{{0}: ubuntu}"),
    ),
    "duplicate-image": edit("its own name", (", A:", ", b:"), ("image: A", "image: b")),
    "duplicate-mac": edit("remove mac_address", (", mac_address: 00-15-5D-00-00-01", "")),
    "duplicate-name": edit("its own name", ("WEB1", "web2")),
    "duplicate-route": edit("Remove one", (", {to: 10.1.0.0/16, via: 10.0.0.2}]", "]")),
    "dynamic-memory-range": edit("minimum to at most memory_startup", ("minimum: 2GB", "minimum: 1GB")),
    "extensions-not-exposed": edit("Remove expose_virtualization_extensions", (" expose_virtualization_extensions: false,", "")),
    "external-without-adapter": edit("Add (net_adapter): the name", ("External", "External, {0}: Ethernet")),
    "gateway-without-machine": edit(r"address there is ([\d.]+)\.", ("10.0.0.254", "{0}")),
    "port-forward-without-machine": edit(r"Forward to ([\d.]+), which adapter web1", ("10.0.0.50:80", "{0}:80")),
    "gateway-missing": edit(r"Add (gateway: [\d.]+)\.", ("10.0.0.5/24", "10.0.0.5/24, {0}")),
    "gateway-without-address": edit("Add (ip_address)", ("gateway:", "{0}: 10.0.0.1/24, gateway:")),
    "gateway-outside-subnet": edit(r"a gateway in (10\.0\.0)\.0/24", ("10.0.1.1", "{0}.1")),
    "next-hop-outside-networks": edit("correct via", ("via: 10.9.0.2", "via: 10.0.0.2")),
    "guest-without-name-server": edit(r"Add (dns_servers: \[1\.1\.1\.1\])", ("gateway: 10.0.0.1", "gateway: 10.0.0.1, {0}")),
    "image-not-used": edit(r"Write (disk: \{image: ws2022\}) in a VM", ("}}", "}}\nvms: [{name: a, {0}}]")),
    "image-of-another-system": edit("the operating system of the image as guest.os", ("os: windows}", "os: linux}")),
    "key-without-effect": edit("Remove net_adapter", (", net_adapter: Ethernet", "")),
    "mark-in-notes": edit("Remove the mark", (", notes: 'nestlab:other'", "")),
    "memory-not-possible": edit("Set (1GB) or 1026MB", ("1073741825", "{0}")),
    "memory-overcommitted": edit(r"Set memory_startup of HV1 to (14GB) or more", ("memory_startup: 8GB", "memory_startup: {0}")),
    "misleading-name": edit("Remove the invisible characters", (r"web\u202e1", "web1")),
    "name-at-two-levels": edit(r"its machine path: (HV1/web1)", ("from: web1", "from: {0}")),
    "nat-needs-internal": edit(
        "switch_type: (Internal) and give the switch an ip_address in the internal network",
        ("Private", "{0}, ip_address: 10.0.0.1/24"),
    ),
    "nat-network-public": edit(r"a part of 10\.0\.0\.0/8", ("8.8.8.1", "10.8.8.1"), ("8.8.8.0", "10.8.8.0")),
    "guest-nat-outside": edit(r"Write (outside: \w+)\.", ("outside: Internet", "{0}")),
    "guest-nat-inside": edit(r"Write (inside: [\d./]+)\.", ("inside: 10.7.0.0/24", "{0}")),
    "guest-nat-one-network": edit(r"Write (outside: \w+), or", ("outside: Out", "{0}")),
    "guest-nat-and-switch-nat": edit("Remove nat here or", (", nat: 10.2.0.0/24", "")),
    "features-need-windows": edit("Remove features", (", features: [DNS]", "")),
    "hyper-v-as-feature": edit(
        r"Write (nested: \{\})", (", features: [Hyper-V]}", "}, {0}")
    ),
    "nat-overlap": edit(r"(10\.0\.1)\.0/25 for example", ("10.0.0.129/25, nat: 10.0.0.128/25", "{0}.1/25, nat: {0}.0/25")),
    "nat-part-of-network": edit(r"Write (nat: [\d./]+)\.", ("nat: 10.0.0.0/28", "{0}")),
    "nat-without-address": edit(r"Add (ip_address: [\d./]+)\.", ("Internal", "Internal, {0}")),
    "nested-dynamic-memory": edit("Remove dynamic_memory", (" dynamic_memory: {minimum: 2GB, maximum: 8GB},", "")),
    "nested-memory-low": edit("Set memory_startup to (4GB)", ("2GB", "{0}")),
    "nested-needs-windows": edit(r"guest: \{(os: windows, credential: )", ("os: linux", "{0}lab")),
    "nothing-to-boot": edit(
        r"disk: \{image: \.\.\.\} to an image with its system installed, or \{(path): \.\.\.\}",
        ("memory_startup: 8GB,", r"memory_startup: 8GB, disk: {{0}: 'D:\VMs\hv1.vhdx'},"),
    ),
    "path-not-absolute": edit(r"such as ('D:\\images\\ws2022\.vhdx')", ("ws2022.vhdx", "{0}")),
    "path-not-possible": edit(r"Write a path without the characters", ("web|1", "web1")),
    "port-forward-of-windows": edit(r"another external_port, such as (15985)", ("external_port: 5985", "external_port: {0}")),
    "port-forward-wrong": edit(r"an address in (10\.0\.0)\.0/24", ("10.9.0.5", "{0}.5")),
    "processors-not-enough": edit("Give HV1 a processor_count of (4)", ("processor_count: 2", "processor_count: {0}")),
    "secure-boot-mismatch": edit("write (secure_boot: MicrosoftUEFICertificateAuthority)", ("secure_boot: MicrosoftWindows", "{0}")),
    "secure-boot-needs-generation-2": edit("write (generation: 2)", ("generation: 1", "{0}")),
    "checkpoint-type-not-possible": edit("Remove checkpoint_type, or", ("checkpoint_type: Disabled, ", "")),
    "tpm-not-possible": edit("write (generation: 2)", ("generation: 1", "{0}")),
    "dns-server-without-machine": edit(r"such as (1\.1\.1\.1) where it reaches", ("10.0.0.77", "{0}")),
    "computer-name-not-set": edit(r"Add (computer_name: web-1) to its guest", ("credential: lab", "credential: lab, {0}")),
    "subnet-mask-mismatch": edit(r"Write (ip_address: 10\.0\.0\.5/24)\.", ("ip_address: 10.0.0.5/25", "{0}")),
    "several-gateways": edit("Keep one gateway", (", gateway: 10.0.0.1", "")),
    "several-nats": edit(
        r"(nat: [\d./]+) on switch A covers them all, without nat on the others",
        ("nat: 10.0.0.0/24", "{0}"),
        (", nat: 10.0.1.0/24", ""),
    ),
    "spoofing-required": edit("Set (mac_address_spoofing: true)", ("{name: Ethernet, switch: Lab", "{name: Ethernet, switch: Lab, {0}")),
    "switch-on-a-switch": edit("leave this switch out", (", {name: B, switch_type: External, net_adapter: vEthernet (A)}", "")),
    "team-member-address": edit("Remove the address", (", ip_address: 10.0.0.3/24", "")),
    "team-spans-networks": edit("both the same switch", ("name: b, switch: B", "name: b, switch: A")),
    "team-too-large": edit("at most 8 adapters", (", n9]", "]")),
    "teaming-not-allowed": edit("Remove allow_teaming", (", allow_teaming: false", "")),
    "too-many-adapters": edit("Carry several networks over one adapter", (", {name: a9}", "")),
    "too-many-processors": edit("processor_count to at most (64)", ("128", "{0}")),
    "unknown-endpoint": edit("Did you mean '(web1)'", ("web2", "{0}")),
    "unknown-image": edit("Did you mean '(ws2022)'", ("image: ws2202", "image: {0}")),
    "unknown-net-adapter": edit(
        "Add a network adapter to HV1",
        ("memory_startup: 8GB,", "memory_startup: 8GB, network_adapters: [{name: Ethernet 9, mac_address_spoofing: true}],"),
    ),
    "unknown-switch": edit(r"else (\{name: LabNet, switch_type: Internal\})", ("vms:", "switches: [{0}]\nvms:")),
    "version-too-old": edit("Remove version", (" version: '5.0',", "")),
    "vlan-mode-conflict": edit("Keep access", (", trunk: [20], native: 0", "")),
    "vlan-out-of-range": edit("a number in that range", ("4095", "4094")),
    # Of the text of a file.
    "bad-value": edit("(Internal)", ("Bridged", "{0}")),
    "duplicate-key": edit("Keep one of the two", (", name: web2", "")),
    "missing-key": edit("", ("memory_startup", "name: a, memory_startup")),
    "not-yaml": edit("needs quotes", ("lab: x", "'lab'")),
    "unknown-key": edit("Did you mean '(memory_startup)'", ("memory_startpu", "{0}")),
    "wrong-type": edit(r"Write (\[\{name: web1\}\])\.", ("web1", "{0}")),
}  # fmt: skip
