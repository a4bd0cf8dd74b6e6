"""Workshop files for tests, with their topologies."""

from __future__ import annotations

LAB = """\
name: nat-lab
images: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}
switches:
  - name: LabNet
    switch_type: Internal
    ip_address: 192.168.100.1/24
    nat: 192.168.100.0/24
    management_adapters: [{name: Backup, ip_address: 192.168.101.1/24}]
    port_forwards: [{protocol: tcp, external_port: 8080, to: 192.168.100.11:80}]
    dhcp:
      range: 192.168.100.100-192.168.100.200
      reservations: [{ip_address: 192.168.100.150, mac_address: 00-15-5D-00-00-02}]
vms:
  - name: HV1
    processor_count: 4
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters:
      - name: Ethernet
        switch: LabNet
        ip_address: 192.168.100.11/24
        gateway: 192.168.100.1
        dns_servers: [1.1.1.1, 192.168.100.1]
        mac_address: 00-15-5D-00-00-01
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
  - name: R1
    network_adapters:
      - {name: Inside, switch: LabNet, ip_address: 192.168.100.9/24, mac_address: 00-15-5D-00-00-02}
    nat: {inside: 10.7.0.0/20, outside: LabNet}
    routes: [{to: 10.7.0.0/20, via: 192.168.100.11}, {to: 0.0.0.0/0, via: 192.168.100.1}]
checks:
  - {from: web1, to: internet, expect: reachable}
  - {from: HV1, to: 192.168.100.9}
  - {from: host, to: HV1/web1, expect: unreachable}
"""

CLASS = """\
name: nat-day   # the class of May
topology: lab.yml
seats: {count: 30, spare: 2, names: [ada, grace]}
networks: 10.64.0.0/12
hosts: [sim:ws2022-intel, sim:ws2025-amd]
stages:
  - {name: switch, notebook: 1.ipynb, until: [switches]}
  - name: web
    text: Let web1 reach the internet.
    until: [nat, web1]
    checks: [{from: web1, to: internet}]
x-room: 12
"""

SMALL_LAB = """\
name: nat-lab
images: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}
switches:
  - {name: LabNet, switch_type: Internal, ip_address: 192.168.100.1/24, nat: 192.168.100.0/24}
vms:
  - name: HV1
    processor_count: 4
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters:
      - {name: Ethernet, switch: LabNet, ip_address: 192.168.100.11/24, gateway: 192.168.100.1}
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
checks:
  - {from: web1, to: internet}
"""

SMALL_CLASS = """\
name: small
topology: lab.yml
seats: {count: 3, names: [ada]}
networks: 10.64.0.0/14
hosts: [sim:ws2022-intel, sim:ws2025-amd]
stages:
  - {name: switch, until: [switches]}
  - {name: all, until: [all], checks: [{from: web1, to: internet}]}
"""


def written(folder, text=CLASS, lab=LAB):
    """Write a workshop file and its topology; return the path of the former."""
    (folder / "lab.yml").write_text(lab, encoding="utf-8")
    path = folder / "class.yml"
    path.write_text(text, encoding="utf-8")
    return path
