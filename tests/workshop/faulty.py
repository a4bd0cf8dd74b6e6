"""A class whose stages plant every kind of fault."""

from __future__ import annotations

from nestlab.model import path_text

LAB = """\
name: faulty
images: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}
switches:
  - {name: LabNet, switch_type: Internal, ip_address: 192.168.100.1/24, nat: 192.168.100.0/24, dhcp: {range: 192.168.100.100-192.168.100.150}}
vms:
  - name: HV1
    processor_count: 4
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters:
      - {name: Ethernet, switch: LabNet, ip_address: 192.168.100.11/24, gateway: 192.168.100.1, dns_servers: [1.1.1.1]}
    nested:
      switches:
        - {name: NestedNat, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}
      vms:
        - name: web1
          memory_startup: 1GB
          disk: {image: ws2022}
          guest: {os: windows, credential: lab-admin}
          network_adapters:
            - {switch: NestedNat, ip_address: 10.0.0.11/24, gateway: 10.0.0.1}
  - name: HV2
    processor_count: 4
    memory_startup: 6GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters:
      - {name: Ethernet, switch: LabNet, ip_address: 192.168.100.12/24, gateway: 192.168.100.1, mac_address_spoofing: true}
    nested:
      switches:
        - {name: Bridged, switch_type: External, net_adapter: Ethernet, ip_address: 192.168.100.12/24, gateway: 192.168.100.1}
      vms:
        - name: db1
          memory_startup: 1GB
          disk: {image: ws2022}
          guest: {os: windows, credential: lab-admin}
          network_adapters:
            - {switch: Bridged, ip_address: 192.168.100.21/24, gateway: 192.168.100.1}
  - name: client
    memory_startup: 1GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: LabNet, dhcp: true}]
"""
FAULTS = (
    ("spoofing", "HV2"),
    ("gateway", "web1"),
    ("gateway", "HV1"),
    ("address", "HV1/web1"),
    ("dns", "HV1"),
    ("vlan", "HV1"),
    ("vlan", "web1"),
    ("disconnected", "web1"),
    ("memory", "HV1"),
    ("memory", "db1"),
    ("extensions", "HV1"),
    ("power", "web1"),
    ("power", "HV2"),
    ("firewall", "db1"),
    ("nat", "LabNet"),
    ("nat", "HV1/NestedNat"),
    ("dhcp", "LabNet"),
)
STAGE = """\
  - name: {name}
    until: [all]
    fault: {{kind: {kind}, at: {at}}}
    checks:
      - {{from: web1, to: internet}}
      - {{from: db1, to: internet}}
      - {{from: host, to: db1}}
      - {{from: client, to: internet}}
"""


def stage_name(kind, at):
    return f"{kind} of {at}"


CLASS = """\
name: find
topology: lab.yml
seats: {count: 2, names: [ada, bob]}
networks: 10.64.0.0/14
hosts: [sim:ws2022-intel]
limits: {processor_ratio: 64}
stages:
""" + "".join(STAGE.format(name=stage_name(kind, at), kind=kind, at=at) for kind, at in FAULTS)


def mend(report, connect, credential="lab-admin"):
    """Run the cmdlets that the last hint of a report shows, each on its machine."""
    for step in report.hints[-1].cmdlets:
        session = connect(report.host)
        for name in () if step.machine == "host" else step.machine.split("/"):
            session = session.guest(name, credential)
        session.run(*cmdlets_of(report, step))


def cmdlets_of(report, shown):
    """Return the cmdlets of a step whose lines a hint shows."""
    wanted = shown.machine, shown.title, shown.lines
    (found,) = (
        step
        for step in report.steps
        if (path_text(step.runs_on), step.title, tuple(step.lines)) == wanted
    )
    return found.cmdlets
