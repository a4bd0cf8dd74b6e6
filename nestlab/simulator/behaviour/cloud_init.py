"""cloud-init in a Linux guest: the settings that it applies from the seed disk at each start.

Based on cloudinit/sources/DataSourceNoCloud.py and cloudinit/stages.py of canonical/cloud-init:

- a seed has both user-data and meta-data;
- a file that is not YAML, or not a mapping, counts as missing, with a warning in the guest's log;
- network and host name are set where instance-id differs from that of the last start; the network
  configuration stays in the guest (netplan), which applies it at each start to the adapters that
  have the MAC addresses in it, so also to one that was added since;
- without a valid network-config the first adapter uses DHCP, and the others have no address;
- a DHCP client of systemd-networkd sends its DUID, unless dhcp-identifier is mac
  (https://netplan.readthedocs.io/en/stable/netplan-yaml/);
- bootcmd runs at every start: kernel parameters and rules of nftables last until the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from nestlab.simulator.behaviour.first_boot.networkd_dhcp import set_dhcp_scopes
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import IPInterface, NetIPAddress, NetNat, NetRoute

LABEL = "cidata"
"""The label, in any case, of the file systems that cloud-init reads."""
_DEFAULT_ID = "nocloud"


def run_cloud_init(guest: Machine, seeds: Sequence[Mapping[str, str]]) -> None:
    """Set up a Linux guest at its start; `seeds` are the files on its disks with the label cidata.

    If there are several seeds, the one on the last disk is read.
    """
    seed = next((files for files in reversed(seeds) if _is_seed(files)), None)
    if seed is None and not guest.instance_id:
        return  # cloud-init has never run: the settings are those of the image
    guest.answers_ping = True  # kernel parameters set by sysctl last until the next start
    guest.nats = []
    guest.dhcp_scopes = []
    for adapter in guest.adapters:
        adapter.ip.forwarding = False
    if seed is None:
        _configure_new_adapters(guest)
        return
    files = {name.lower(): text for name, text in seed.items()}
    meta = _mapping(files["meta-data"])
    instance_id = str(meta.get("instance-id", _DEFAULT_ID))
    if instance_id != guest.instance_id:
        guest.instance_id = instance_id
        guest.name = str(meta.get("local-hostname") or guest.name)
        guest.network_config = files.get("network-config", "")
        _set_network(guest, _mapping(guest.network_config))
    else:
        _configure_new_adapters(guest)
    commands = list(_boot_commands(files["user-data"]))
    for name, value in _kernel_parameters(commands):
        _set_kernel_parameter(guest, name, value)
    guest.nats = list(_masquerade_rules(guest, commands))
    set_dhcp_scopes(guest, _mapping(guest.network_config), commands)


def _is_seed(files: Mapping[str, str]) -> bool:
    return {"user-data", "meta-data"} <= {name.lower() for name in files}


def _mapping(text: str) -> Mapping[str, Any]:
    import yaml  # noqa: PLC0415  # hosts without seed disks start without it

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    return data if isinstance(data, dict) else {}


def _set_network(guest: Machine, config: Mapping[str, Any]) -> None:
    config = config.get("network", config)
    if not config:
        for number, adapter in enumerate(guest.adapters):
            adapter.ip = IPInterface(dhcp=number == 0, sends_duid=True)
        return
    for adapter in guest.adapters:
        adapter.ip = IPInterface(dhcp=False)
    try:
        wanted = dict(_interfaces(config))
    except (ValueError, TypeError, KeyError, AttributeError):
        return  # netplan refuses the whole file: no adapter is configured
    for adapter in guest.adapters:
        adapter.ip = wanted.get(_mac(adapter.mac_address), adapter.ip)


def _configure_new_adapters(guest: Machine) -> None:
    config = _mapping(guest.network_config)
    config = config.get("network", config)
    try:
        wanted = dict(_interfaces(config)) if config else {}
    except (ValueError, TypeError, KeyError, AttributeError):
        return
    for adapter in guest.adapters:
        new = wanted.get(_mac(adapter.mac_address))
        if new is not None and not any(each.origin == "Manual" for each in adapter.ip.addresses):
            adapter.ip = new


def _interfaces(config: Mapping[str, Any]) -> Iterator[tuple[str, IPInterface]]:
    if config["version"] != 2:  # noqa: PLR2004  # the version of netplan
        raise ValueError(config["version"])
    for entry in config["ethernets"].values():
        addresses = [IPv4Interface(text) for text in entry.get("addresses", ())]
        yield (
            _mac(entry["match"]["macaddress"]),
            IPInterface(
                dhcp=bool(entry.get("dhcp4", False)),
                sends_duid=entry.get("dhcp-identifier") != "mac",
                addresses=[NetIPAddress(str(a.ip), a.network.prefixlen) for a in addresses],
                routes=[_route(route) for route in entry.get("routes", ())],
                dns_servers=[str(s) for s in entry.get("nameservers", {}).get("addresses", ())],
            ),
        )


def _route(entry: Mapping[str, Any]) -> NetRoute:
    to = "0.0.0.0/0" if entry["to"] == "default" else entry["to"]
    via, metric = str(IPv4Address(entry["via"])), int(entry.get("metric", 0))
    return NetRoute(str(IPv4Network(to)), via, metric=metric)


def _mac(text: str) -> str:
    return text.replace(":", "").replace("-", "").upper()


def _boot_commands(user_data: str) -> Iterator[list[str]]:
    """Yield the words of each command under bootcmd."""
    if not user_data.startswith("#cloud-config"):
        return  # a script, or a format that cloud-init does not support
    commands = _mapping(user_data).get("bootcmd")
    for command in commands if isinstance(commands, list) else ():
        yield command.split() if isinstance(command, str) else [str(word) for word in command]


def _kernel_parameters(commands: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Yield the names and values that `sysctl -w` sets."""
    for words in commands:
        if words[:2] == ["sysctl", "-w"]:
            yield from ((name, value) for name, _, value in (w.partition("=") for w in words[2:]))


def _set_kernel_parameter(guest: Machine, name: str, value: str) -> None:
    if name == "net.ipv4.ip_forward":
        for adapter in guest.adapters:
            adapter.ip.forwarding = value == "1"
    elif name == "net.ipv4.icmp_echo_ignore_all":
        guest.answers_ping = value != "1"


def _masquerade_rules(guest: Machine, commands: Sequence[Sequence[str]]) -> Iterator[NetNat]:
    """Yield a NAT for each masquerade rule that nft adds to a chain of the hook postrouting.

    Linux translates by a rule only in a chain of type nat that was added before it, in a table that
    was; nft refuses it otherwise, and the start continues. Its interface has the name of
    `set-name`.
    """
    names = _interface_names(guest)
    tables: set[tuple[str, ...]] = set()
    chains: set[tuple[str, ...]] = set()
    for words in (tuple(" ".join(each).split()) for each in commands):
        match words:
            case ("nft", "add", "table", *table):
                tables.add(tuple(table))
            case ("nft", "add", "chain", family, table, chain, *hook):
                is_nat = tuple(hook[1:5]) == ("type", "nat", "hook", "postrouting")
                if (family, table) in tables and is_nat:
                    chains.add((family, table, chain))
            case ("nft", "add", "rule", family, table, chain, *rule) if (
                family,
                table,
                chain,
            ) in chains:
                match rule:
                    case ["ip", "saddr", prefix, "oifname", name, "masquerade"] if name in names:
                        yield NetNat("nftables", prefix, outside=names[name])


def _interface_names(guest: Machine) -> dict[str, str]:
    """Return the adapters of a guest by the names that its network configuration gives them."""
    config = _mapping(guest.network_config)
    ethernets = config.get("network", config).get("ethernets", {})
    macs = {_mac(adapter.mac_address): adapter.name for adapter in guest.adapters}
    return {
        entry["set-name"]: macs[mac]
        for entry in ethernets.values()
        if "set-name" in entry and (mac := _mac(entry["match"]["macaddress"])) in macs
    }
