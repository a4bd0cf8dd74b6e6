"""cloud-init in a Linux guest: the settings that it applies from the seed disk at each start.

Based on cloudinit/sources/DataSourceNoCloud.py and cloudinit/stages.py of canonical/cloud-init:

- a seed has both user-data and meta-data;
- a file that is not YAML, or not a mapping, counts as missing, with a warning in the guest's log;
- network and host name are set where instance-id differs from that of the last start; the network
  configuration stays in the guest (netplan), which applies it at each start to the adapters that
  have the MAC addresses in it, so also to one that was added since;
- without a valid network-config the first adapter uses DHCP, and the others have no address;
- bootcmd runs at every start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import IPInterface, NetIPAddress, NetRoute

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
    for name, value in _kernel_parameters(files["user-data"]):
        _set_kernel_parameter(guest, name, value)


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
            adapter.ip = IPInterface(dhcp=number == 0)
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


def _kernel_parameters(user_data: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values that `sysctl -w` sets under bootcmd."""
    if not user_data.startswith("#cloud-config"):
        return  # a script, or a format that cloud-init does not support
    commands = _mapping(user_data).get("bootcmd")
    for command in commands if isinstance(commands, list) else ():
        words = command.split() if isinstance(command, str) else [str(word) for word in command]
        if words[:2] == ["sysctl", "-w"]:
            yield from ((name, value) for name, _, value in (w.partition("=") for w in words[2:]))


def _set_kernel_parameter(guest: Machine, name: str, value: str) -> None:
    if name == "net.ipv4.ip_forward":
        for adapter in guest.adapters:
            adapter.ip.forwarding = value == "1"
    elif name == "net.ipv4.icmp_echo_ignore_all":
        guest.answers_ping = value != "1"
