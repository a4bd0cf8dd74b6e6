"""Port forwards of ports on which Windows of the same machine listens itself."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import SERVICE_PORTS
from nestlab.model.finding import Finding
from nestlab.model.machine_path import HOST
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import mark, tr, translate

PORT_FORWARD_OF_WINDOWS = Rule(
    code="port-forward-of-windows",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A port forward takes a port on which Windows of the same machine listens itself.",
    why="A connection to that port reaches only one of the two: the service of the machine, perhaps the one that nestlab connects with, or the VM.",
    fix="Choose another external_port, such as 15985 for 5985.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24, port_forwards: [{protocol: tcp, external_port: 5985, to: '10.0.0.5:5985'}]}]\nvms: [{name: web1, network_adapters: [{switch: A, ip_address: 10.0.0.5/24, gateway: 10.0.0.1}]}]",
    source=SERVICE_PORTS,
)
_SERVICES = {
    ("tcp", 22): "OpenSSH",
    ("tcp", 135): "RPC",
    ("tcp", 139): "NetBIOS",
    ("tcp", 445): "SMB",
    ("tcp", 2179): mark("Virtual Machine Connection"),
    ("tcp", 3389): mark("Remote Desktop"),
    ("tcp", 5985): "WinRM",
    ("tcp", 5986): mark("WinRM over HTTPS"),
    ("udp", 67): mark("the DHCP server"),
    ("udp", 3389): mark("Remote Desktop"),
}
"""Services of Windows Server, Hyper-V and remoting, by protocol and port."""
_PORT_OFFSET = 10_000


@detects(PORT_FORWARD_OF_WINDOWS)
def port_forward_of_windows(index: TopologyIndex) -> Iterator[Finding]:
    """A port forward whose external port a service of Windows listens on, where it runs."""
    for machine in index.machines:
        for place in machine.switches:
            for position, forward in enumerate(place.switch.port_forwards):
                service = _SERVICES.get((forward.protocol, forward.external_port))
                if service is None or place.switch.nat is None or place.switch.existing:
                    continue
                keys = (*place.keys, "port_forwards", position)
                message = tr(
                    "forwards {protocol} port {port}, on which Windows of {machine} itself listens if it runs {service}",
                    protocol=forward.protocol,
                    port=forward.external_port,
                    machine=tr("the host") if machine.path == HOST else machine.name,
                    service=translate(service),
                )
                hint = tr(
                    "Choose another external_port, such as {port}.",
                    port=forward.external_port + _PORT_OFFSET,
                )
                yield index.finding(
                    PORT_FORWARD_OF_WINDOWS, place.subject, keys, message, hint=hint
                )


DETECTORS = (port_forward_of_windows,)
