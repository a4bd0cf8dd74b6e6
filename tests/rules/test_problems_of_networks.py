"""What people run into, rows 13 to 23: NAT, addresses, names, VLANs, MTU.

Each is planted, found by name, mended by its fix, and gone.
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.simulator.state.networking import NetNat
from tests.rules.test_problems import NESTED, made, two_levels
from tests.rules.troubles import Row, Scene, applied, explained, on, redesigned, start, stop

BEHIND_NAT = (
    NESTED.replace(
        "switches:",
        "images: {ws2022: {path: 'D:\\images\\ws2022.vhdx', os: windows}}\nswitches:",
        1,
    )
    + """    nested:
      switches: [{name: Inner, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}]
      vms:
        - name: web1
          memory_startup: 2GB
          disk: {image: ws2022}
          guest: {os: windows, credential: lab-admin}
          network_adapters: [{switch: Inner, ip_address: 10.0.0.11/24, gateway: 10.0.0.1, dns_servers: [1.1.1.1]}]
"""
)
OUT = Cmdlet(
    "Test-Connection", {"ComputerName": "1.1.1.1", "Count": 1, "Quiet": SwitchParameter.ON}
)
TWO_NATS = """
name: two-nats
switches:
  - {name: A, switch_type: Internal, ip_address: 192.168.100.1/24, nat: 192.168.100.0/24}
  - {name: B, switch_type: Internal, ip_address: 192.168.101.1/24, nat: 192.168.101.0/24}
"""
DHCP = """
name: dhcp
switches:
  - {name: A, switch_type: Internal, ip_address: 10.3.0.1/24, dhcp: {range: 10.3.0.100-10.3.0.200}}
"""
CLIENT = """
name: client
vms:
  - name: web1
    memory_startup: 1GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Ethernet}]
"""


def gets_out(*path):
    def then(scene):
        (answer,) = scene.inside(*path).run(OUT).records
        assert str(answer.text) == "True"

    return then


def in_guest(*cmdlets, path=("HV1",)):
    """A lab, after some cmdlets in a guest."""

    def plant():
        scene = made(BEHIND_NAT if len(path) > 1 else NESTED)
        scene.host.wait(900)
        scene.inside(*path).run(*cmdlets)
        scene.host.wait(60)
        return scene

    return plant


def on_the_host(*cmdlets):
    """A lab, after some cmdlets on the host."""

    def plant():
        scene = made(NESTED)
        scene.host.wait(900)
        scene.host.run(*cmdlets)
        return scene

    return plant


NO_DHCP = Cmdlet(
    "Set-NetIPInterface",
    {"InterfaceAlias": "Ethernet", "AddressFamily": "IPv4", "Dhcp": "Disabled"},
)
ASK_DHCP = Cmdlet(
    "Set-NetIPInterface", {"InterfaceAlias": "Ethernet", "AddressFamily": "IPv4", "Dhcp": "Enabled"}
)
NO_ROUTE = Cmdlet(
    "Remove-NetRoute",
    {
        "InterfaceAlias": "Ethernet",
        "DestinationPrefix": "0.0.0.0/0",
        "Confirm": SwitchParameter.OFF,
    },
)
WRONG_ROUTE = Cmdlet(
    "New-NetRoute",
    {"InterfaceAlias": "Ethernet", "DestinationPrefix": "0.0.0.0/0", "NextHop": "192.168.100.254"},
)
NO_NAMES = Cmdlet(
    "Set-DnsClientServerAddress",
    {"InterfaceAlias": "Ethernet", "ResetServerAddresses": SwitchParameter.ON},
)
AZURE_NAMES = Cmdlet(
    "Set-DnsClientServerAddress",
    {"InterfaceAlias": "Ethernet", "ServerAddresses": ["168.63.129.16"]},
)
JUMBO = Cmdlet("Set-NetIPInterface", {"InterfaceAlias": "Ethernet", "NlMtuBytes": 9014})
NO_NAT = Cmdlet("Remove-NetNat", {"Name": "nestlab.levels.LabNet", "Confirm": SwitchParameter.OFF})
NO_ADDRESS = Cmdlet(
    "Remove-NetIPAddress", {"InterfaceAlias": "vEthernet (LabNet)", "Confirm": SwitchParameter.OFF}
)
NO_SWITCH = (
    stop("HV1"),
    Cmdlet("Remove-VMSwitch", {"Name": "LabNet", "Force": SwitchParameter.ON}),
)


def docker(prefix, address="sim:ws2022-intel", topology=TWO_NATS):
    def plant():
        scene = on(address, topology=topology)
        scene.world.host.nats = [NetNat("DockerNAT", prefix)]
        return scene

    return plant


def new_nat(prefix):
    return lambda scene: explained(
        scene.host,
        Cmdlet("New-NetNat", {"Name": "Lab", "InternalIPInterfaceAddressPrefix": prefix}),
    )


def dhcp_that_stays():
    """An adapter of which New-NetIPAddress cannot end DHCP."""
    scene = on("sim:ws2022-intel", topology=NESTED)
    scene.world.quirks.dhcp_stays_on = ["vEthernet (LabNet)"]
    scene.host.run(
        Cmdlet(
            "New-VMSwitch", {"Name": "LabNet", "SwitchType": "Internal", "Notes": "nestlab:levels"}
        )
    )
    return scene


def static_on_the_default_switch():
    scene = Scene(nestlab.connect("sim:win11-ryzen"), nestlab.loads(CLIENT))
    applied(scene)
    scene.host.run(
        Cmdlet("Connect-VMNetworkAdapter", {"VMName": "web1", "SwitchName": "Default Switch"})
    )
    scene.host.wait(900)
    guest = scene.inside("web1")
    address = {
        "InterfaceAlias": "Ethernet",
        "IPAddress": "172.31.255.11",
        "PrefixLength": 20,
        "DefaultGateway": "172.31.240.1",
    }
    guest.run(NO_DHCP, Cmdlet("New-NetIPAddress", address))
    return scene


def an_access_port():
    def plant():
        scene = two_levels()
        scene.host.run(
            Cmdlet(
                "Set-VMNetworkAdapterVlan",
                {"VMName": "HV1", "Access": SwitchParameter.ON, "VlanId": 10},
            )
        )
        return scene

    return plant


def cloned():
    scene = two_levels()
    pool = scene.host.run(Cmdlet("Get-VMHost")).records[0]
    limits = {
        "MacAddressMinimum": str(pool["MacAddressMinimum"]),
        "MacAddressMaximum": str(pool["MacAddressMaximum"]),
    }
    scene.inside("HV1").run(Cmdlet("Set-VMHost", limits))
    return scene


def jumbo_on_the_host():
    scene = on("sim:ws2022-intel")
    scene.world.host.adapters[0].ip.mtu = 9014
    return scene


ROWS = {
    "13 NAT is missing": Row(
        "the switch exists, and no internet",
        "nat-incomplete",
        on_the_host(NO_NAT),
        then=gets_out("HV1"),
    ),
    "13 the address is missing": Row(
        "the switch exists, and no internet",
        "nat-incomplete",
        on_the_host(NO_ADDRESS),
        then=gets_out("HV1"),
    ),
    "13 the switch is missing": Row(
        "no link",
        "nat-incomplete",
        on_the_host(*NO_SWITCH),
        then=lambda scene: scene.host.run(start("HV1")),
    ),
    "14 error 87, another NAT": Row(
        "New-NetNat: the parameter is incorrect",
        "nat-taken",
        docker("192.168.100.0/22", topology=NESTED),
        refused=new_nat("192.168.100.0/24"),
        explained="nat-overlap",
        then=applied,
    ),
    "14 error 87, another NAT that has to stay": Row(
        "New-NetNat: the parameter is incorrect",
        "nat-taken",
        docker("192.168.100.0/22", topology=NESTED),
        redesigned(("192.168.100.0/24", "{network}"), ("192.168.100.", "{first}.")),
        because="the other NAT has to stay: the design takes the free network that the finding offers",
        then=applied,
    ),
    "14 error 87, an address of the host": Row(
        "New-NetNat: the parameter is incorrect",
        "address-overlap",
        lambda: on("sim:ws2022-intel", topology=NESTED.replace("192.168.100.", "192.0.2.")),
        redesigned(("192.0.2.0/24", "{network}"), ("192.0.2.", "{first}.")),
        because="the host's address is somebody's: the design takes the free network that the finding offers",
        refused=new_nat("192.0.2.0/24"),
        explained="nat-overlap",
        then=applied,
    ),
    "15 a second NAT, refused": Row(
        "one NAT per host",
        "nat-taken",
        docker("10.0.75.0/24", "sim:win10-intel", NESTED),
        refused=new_nat("192.168.100.0/24"),
        explained="nat-overlap",
        then=lambda scene: scene.host.run(
            Cmdlet(
                "New-NetNat",
                {"Name": "Lab", "InternalIPInterfaceAddressPrefix": "192.168.100.0/24"},
            )
        ),
    ),
    "15 a second NAT, of the design": Row(
        "docs say one NAT per host",
        "several-nats",
        lambda: on("sim:ws2022-intel", topology=TWO_NATS),
        redesigned(("nat: 192.168.100.0/24", "nat: {network}"), (", nat: 192.168.101.0/24", "")),
        because="two NATs are the design's own: it takes the one network for both that the finding offers",
        then=applied,
    ),
    "15 a second NAT, found on the host": Row(
        "one NAT per host", "nat-present", docker("10.0.75.0/24", topology="")
    ),
    "16 169.254, nobody serves DHCP": Row(
        "L2 gets 169.254.x",
        "guest-without-lease",
        in_guest(NO_ROUTE, ASK_DHCP, NO_NAMES),
        then=gets_out("HV1"),
    ),
    "16 169.254, inside": Row(
        "L2 gets 169.254.x",
        "guest-without-lease",
        in_guest(NO_ROUTE, ASK_DHCP, NO_NAMES, path=("HV1", "web1")),
        then=gets_out("HV1", "web1"),
    ),
    "16 DHCP on a client": Row(
        "the DHCP role is not on client Windows",
        "dhcp-needs-server",
        lambda: on("sim:win10-intel", topology=DHCP),
        redesigned((", dhcp: {range: 10.3.0.100-10.3.0.200}", "")),
        because="there is no such role to install: the design goes without",
        then=applied,
    ),
    "17 no gateway": Row(
        "reaches its subnet only", "guest-without-gateway", in_guest(NO_ROUTE), then=gets_out("HV1")
    ),
    "17 a gateway that nobody is": Row(
        "reaches its subnet only",
        "guest-gateway-wrong",
        in_guest(NO_ROUTE, WRONG_ROUTE),
        then=gets_out("HV1"),
    ),
    "17 no gateway, inside": Row(
        "reaches its subnet only",
        "guest-without-gateway",
        in_guest(NO_ROUTE, path=("HV1", "web1")),
        then=gets_out("HV1", "web1"),
    ),
    "18 still DHCP": Row(
        "Inconsistent parameters PolicyStore PersistentStore and Dhcp Enabled",
        "nat-incomplete",
        dhcp_that_stays,
        refused=lambda scene: explained(
            scene.host,
            Cmdlet(
                "New-NetIPAddress",
                {
                    "InterfaceAlias": "vEthernet (LabNet)",
                    "IPAddress": "192.168.100.1",
                    "PrefixLength": 24,
                },
            ),
        ),
        explained="adapter-still-dhcp",
        then=applied,
    ),
    "19 names do not resolve": Row("pings work", "guest-without-name-server", in_guest(NO_NAMES)),
    "19 Azure's name server behind NAT": Row(
        "pings work", "guest-without-name-server", in_guest(AZURE_NAMES)
    ),
    "20 static on the Default Switch": Row(
        "worked yesterday",
        "default-switch-static",
        static_on_the_default_switch,
        then=gets_out("web1"),
    ),
    "21 tagged frames": Row("VLAN-tagged L2 is silent", "vm-vlan-access", an_access_port()),
    "22 jumbo frames on the host": Row("traffic hangs", "jumbo-mtu", jumbo_on_the_host),
    "22 jumbo frames in L1": Row("traffic hangs", "mtu-differs", in_guest(JUMBO)),
    "22 jumbo frames in L2": Row(
        "traffic hangs", "mtu-differs", in_guest(JUMBO, path=("HV1", "web1"))
    ),
    "23 one MAC pool": Row("random drops between cloned L1s", "mac-pools-overlap", cloned),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_it_is_found_by_name_and_gone_after_its_fix(row):
    row.play()


def test_18_the_plan_ends_dhcp_before_it_gives_an_address():
    scene = on("sim:ws2022-intel", topology=NESTED)
    scene.world.quirks.dhcp_stays_on = ["vEthernet (LabNet)"]
    applied(scene)
