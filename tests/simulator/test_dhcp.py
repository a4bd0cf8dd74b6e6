"""The DHCP server role, and leases where broadcasts arrive."""

import pytest

from nestlab.errors import CmdletError


@pytest.fixture
def server(host):
    host("New-VMSwitch", Name="Lab", SwitchType="Internal")
    host(
        "New-NetIPAddress", InterfaceAlias="vEthernet (Lab)", IPAddress="10.0.0.1", PrefixLength=24
    )
    host("Install-WindowsFeature", "IncludeManagementTools", Name="DHCP")
    scope = {"StartRange": "10.0.0.100", "EndRange": "10.0.0.101", "SubnetMask": "255.255.255.0"}
    host("Add-DhcpServerv4Scope", Name="Lab", State="Active", **scope)
    options = {"Router": "10.0.0.1", "DnsServer": "10.0.0.1"}
    host("Set-DhcpServerv4OptionValue", "Force", ScopeId="10.0.0.0", **options)
    return host


def address(console):
    return console.one("Get-NetIPAddress", InterfaceAlias="Ethernet")


def test_a_guest_gets_address_gateway_and_dns(server):
    server.new_vm("a", switch="Lab", start=True)
    guest = server.guest("a")
    assert (address(guest)["IPAddress"], str(address(guest)["PrefixOrigin"])) == (
        "10.0.0.100",
        "Dhcp",
    )
    assert guest.one("Get-NetRoute", DestinationPrefix="0.0.0.0/0")["NextHop"] == "10.0.0.1"
    assert guest.one("Get-DnsClientServerAddress")["ServerAddresses"] == ["10.0.0.1"]


def test_the_server_lists_its_leases_and_where_it_listens(server):
    assert server("Get-DhcpServerv4Lease", ScopeId="10.0.0.0") == []
    server.new_vm("a", switch="Lab", start=True)
    name = server.guest("a").one("Get-CimInstance", ClassName="Win32_ComputerSystem")["Name"]
    lease = server.one("Get-DhcpServerv4Lease", ScopeId="10.0.0.0")
    mac = server.one("Get-VMNetworkAdapter", VMName="a")["MacAddress"]
    assert (
        str(lease["IPAddress"]),
        lease["HostName"],
        lease["ClientId"].replace("-", "").upper(),
    ) == ("10.0.0.100", name, mac)
    listening = {str(record["IPAddress"]) for record in server("Get-DhcpServerv4Binding")}
    assert str(lease["ServerIP"]) == "10.0.0.1"
    assert "10.0.0.1" in listening


def test_a_lease_that_is_not_there(server):
    with pytest.raises(CmdletError, match="Failed to get lease information") as caught:
        server("Get-DhcpServerv4Lease", IPAddress="10.0.0.77")
    assert caught.value.record.category == "ObjectNotFound"


def test_a_guest_on_another_vlan_gets_none(server):
    server.new_vm("a", switch="Lab")
    server("Set-VMNetworkAdapterVlan", "Access", VMName="a", VlanId=10)
    server("Start-VM", Name="a")
    assert address(server.guest("a"))["IPAddress"].startswith("169.254.")


def test_the_range_ends(server):
    for name in "abc":
        server.new_vm(name, switch="Lab", start=True)
    found = sorted(address(server.guest(name))["IPAddress"].rpartition(".")[0] for name in "abc")
    assert found[:2] == ["10.0.0", "10.0.0"]
    assert found[2].startswith("169.254.")


def test_a_static_address_takes_the_place_of_the_lease(server):
    server.new_vm("a", switch="Lab", start=True)
    guest = server.guest("a")
    guest(
        "New-NetIPAddress",
        InterfaceAlias="Ethernet",
        IPAddress="10.0.0.9",
        PrefixLength=24,
        DefaultGateway="10.0.0.1",
    )
    assert address(guest)["IPAddress"] == "10.0.0.9"
    assert guest.one("Get-NetIPInterface", InterfaceAlias="Ethernet")["Dhcp"] == "Disabled"


def test_the_module_comes_with_the_role(host):
    assert host.refused("Get-DhcpServerv4Scope").error_id == "CommandNotFoundException"


def test_a_scope_is_made_once_and_removed(server):
    scope = {"StartRange": "10.0.0.50", "EndRange": "10.0.0.60", "SubnetMask": "255.255.255.0"}
    assert server.refused("Add-DhcpServerv4Scope", Name="again", **scope).error_id == "DHCP 20052"
    server("Remove-DhcpServerv4Scope", "Force", ScopeId="10.0.0.0")
    assert server("Get-DhcpServerv4Scope") == []


def test_a_scope_with_leases_goes_by_force_only(server):
    server.new_vm("a", switch="Lab", start=True)
    assert address(server.guest("a"))["IPAddress"] == "10.0.0.100"
    server(
        "Add-DhcpServerv4Scope",
        Name="other",
        StartRange="10.7.0.50",
        EndRange="10.7.0.60",
        SubnetMask="255.255.255.0",
    )
    assert server.refused("Remove-DhcpServerv4Scope", ScopeId="10.0.0.0").error_id == "DHCP 20007"
    server("Remove-DhcpServerv4Scope", ScopeId="10.7.0.0")
    assert [str(scope["ScopeId"]) for scope in server("Get-DhcpServerv4Scope")] == ["10.0.0.0"]
    server("Remove-DhcpServerv4Scope", "Force", ScopeId="10.0.0.0")
    assert server("Get-DhcpServerv4Scope") == []


@pytest.mark.parametrize("mask", ["10.0.0.1", "0.0.0.255", "::1"])
def test_a_mask_that_is_none_is_refused(server, mask):
    scope = {"StartRange": "10.9.0.100", "EndRange": "10.9.0.200", "SubnetMask": mask}
    assert server.refused("Add-DhcpServerv4Scope", Name="odd", **scope).error_id == "DHCP 20023"


def reaches(console, target):
    return console.one("Test-Connection", "Quiet", ComputerName=target, Count=1)["Value"]


def with_static(server, name, address, switch="Lab"):
    """A guest with a static address, which released its lease before."""
    server.new_vm(name, switch=switch, start=True)
    guest = server.guest(name)
    guest("Set-NetIPInterface", InterfaceAlias="Ethernet", Dhcp="Disabled")
    guest("New-NetIPAddress", InterfaceAlias="Ethernet", IPAddress=address, PrefixLength=24)
    return guest


def test_a_client_declines_an_address_that_another_guest_has(server):
    with_static(server, "static", "10.0.0.100")
    server.new_vm("a", switch="Lab", start=True)
    assert address(server.guest("a"))["IPAddress"] == "10.0.0.101"
    (bad,) = server("Get-DhcpServerv4Lease", "BadLeases", ScopeId="10.0.0.0")
    assert (str(bad["IPAddress"]), bad["HostName"], str(bad["AddressState"])) == (
        "10.0.0.100",
        "BAD_ADDRESS",
        "Declined",
    )
    assert server("Get-DhcpServerv4Lease", IPAddress="10.0.0.100")[0]["HostName"] == "BAD_ADDRESS"
    active = server("Get-DhcpServerv4Lease", ScopeId="10.0.0.0")
    assert [str(lease["IPAddress"]) for lease in active] == ["10.0.0.101"]


def test_a_declined_address_is_offered_again_after_ten_minutes(server):
    static = with_static(server, "static", "10.0.0.100")
    server.new_vm("a", switch="Lab", start=True)
    assert address(server.guest("a"))["IPAddress"] == "10.0.0.101"
    static("Remove-NetIPAddress", IPAddress="10.0.0.100", Confirm=False)
    server.new_vm("b", switch="Lab", start=True)
    assert address(server.guest("b"))["IPAddress"].startswith("169.254.")
    assert address(server.guest("b", seconds=600))["IPAddress"] == "10.0.0.100"
    assert server("Get-DhcpServerv4Lease", "BadLeases", ScopeId="10.0.0.0") == []


def test_static_addresses_use_the_range_up(server):
    with_static(server, "one", "10.0.0.100")
    with_static(server, "two", "10.0.0.101")
    server.new_vm("a", switch="Lab", start=True)
    assert address(server.guest("a"))["IPAddress"].startswith("169.254.")


def test_a_server_does_not_know_the_addresses_of_another_network(server):
    server("New-VMSwitch", Name="Other", SwitchType="Private")
    with_static(server, "static", "10.0.0.100", switch="Other")
    server.new_vm("a", switch="Lab", start=True)
    assert address(server.guest("a"))["IPAddress"] == "10.0.0.100"


def test_a_static_address_that_is_leased_already_is_a_duplicate(server):
    server.new_vm("a", switch="Lab", start=True)
    client = server.guest("a")
    assert address(client)["IPAddress"] == "10.0.0.100"
    static = with_static(server, "static", "10.0.0.100")
    assert str(address(static)["AddressState"]) == "Duplicate"
    assert str(address(client)["AddressState"]) == "Preferred"
    assert [reaches(each, "10.0.0.1") for each in (client, static)] == [True, False]
    assert reaches(server, "10.0.0.100")


def test_a_static_address_that_is_leased_on_another_network_is_no_duplicate(server):
    server.new_vm("a", switch="Lab", start=True)
    assert address(server.guest("a"))["IPAddress"] == "10.0.0.100"
    server("New-VMSwitch", Name="Other", SwitchType="Private")
    static = with_static(server, "static", "10.0.0.100", switch="Other")
    assert str(address(static)["AddressState"]) == "Preferred"


def test_the_server_of_a_member_of_a_domain_leases_nothing_until_it_is_authorized(server):
    # Add-DhcpServerInDC: "must be authorized in Active Directory so that it can start leasing".
    setting = server.one("Get-DhcpServerSetting")
    assert (setting["IsDomainJoined"], setting["IsAuthorized"]) == (False, False)
    with pytest.raises(CmdletError) as caught:
        server("Add-DhcpServerInDC")
    assert caught.value.record.error_id.startswith("DHCP 20070")
    server.session.simulated_host.world.host.domain = "contoso.com"
    server.new_vm("a", switch="Lab", start=True)
    assert str(address(server.guest("a", 120))["IPAddress"]).startswith("169.254.")
    server("Add-DhcpServerInDC")
    assert server.one("Get-DhcpServerSetting")["IsAuthorized"] is True
    server("Restart-VM", "Force", Name="a")
    assert address(server.guest("a", 120))["IPAddress"] == "10.0.0.100"


def test_a_second_adapter_gets_no_lease_through_the_first(server):
    # A server makes no offer to a request that arrives where it has no scope (RFC 2131, 4.3.1).
    server("New-VMSwitch", Name="Other", SwitchType="Internal")
    other = {"IPAddress": "10.71.0.1", "PrefixLength": 24}
    server("New-NetIPAddress", InterfaceAlias="vEthernet (Other)", **other)
    server.new_vm("a", switch="Lab")
    server("Add-VMNetworkAdapter", VMName="a", SwitchName="Other")
    server("Start-VM", Name="a")
    guest = server.guest("a")
    served, unserved = (
        guest.one("Get-NetIPAddress", InterfaceAlias=alias)["IPAddress"]
        for alias in ("Ethernet", "Ethernet 2")
    )
    assert served == "10.0.0.100"
    assert str(unserved).startswith("169.254.")


def test_each_adapter_of_a_machine_gets_an_address_of_its_own(server):
    server.new_vm("a", switch="Lab")
    server("Add-VMNetworkAdapter", VMName="a", SwitchName="Lab")
    server("Start-VM", Name="a")
    guest = server.guest("a")
    found = [
        guest.one("Get-NetIPAddress", InterfaceAlias=alias)["IPAddress"]
        for alias in ("Ethernet", "Ethernet 2")
    ]
    assert found == ["10.0.0.100", "10.0.0.101"]


def mac_of(server, name):
    mac = server.one("Get-VMNetworkAdapter", VMName=name)["MacAddress"]
    return "-".join(mac[n : n + 2] for n in range(0, 12, 2))


def reserve(server, mac, address, **more):
    values = {"ScopeId": "10.0.0.0", "IPAddress": address, "ClientId": mac, **more}
    server("Add-DhcpServerv4Reservation", **values)


def with_static_mac(server, name, mac):
    server.new_vm(name, switch="Lab")
    server("Set-VMNetworkAdapter", VMName=name, StaticMacAddress=mac)
    server("Start-VM", Name=name)
    return server.guest(name)


MAC = "00-15-5D-00-00-50"


@pytest.mark.parametrize("reserved", ["10.0.0.101", "10.0.0.50"])
def test_a_client_gets_the_address_reserved_for_it(server, reserved):
    # One in the range, and one beside it: https://support.microsoft.com/kb/196066.
    reserve(server, MAC, reserved, Name="a")
    guest = with_static_mac(server, "a", MAC)
    assert address(guest)["IPAddress"] == reserved
    assert guest.one("Get-NetRoute", DestinationPrefix="0.0.0.0/0")["NextHop"] == "10.0.0.1"
    (lease,) = server("Get-DhcpServerv4Lease", ScopeId="10.0.0.0")
    assert (str(lease["IPAddress"]), lease["ClientId"]) == (reserved, MAC.lower())


def test_others_do_not_get_a_reserved_address(server):
    reserve(server, MAC, "10.0.0.100")
    for name in "ab":
        server.new_vm(name, switch="Lab", start=True)
    found = [str(address(server.guest(name))["IPAddress"]) for name in "ab"]
    assert found[0] == "10.0.0.101"
    assert found[1].startswith("169.254.")


def test_a_reserved_address_that_is_in_use_is_no_reason_for_another_one(server):
    with_static(server, "static", "10.0.0.50")
    reserve(server, MAC, "10.0.0.50")
    guest = with_static_mac(server, "a", MAC)
    assert str(address(guest)["IPAddress"]).startswith("169.254.")


def test_reservations_are_listed_and_removed(server):
    reserve(server, MAC, "10.0.0.50", Name="a")
    reserve(server, "00-15-5D-00-00-51", "10.0.0.51")
    records = server("Get-DhcpServerv4Reservation", ScopeId="10.0.0.0")
    assert [(str(r["IPAddress"]), r["ClientId"], r["Name"]) for r in records] == [
        ("10.0.0.50", MAC.lower(), "a"),
        ("10.0.0.51", "00-15-5d-00-00-51", ""),
    ]
    server("Remove-DhcpServerv4Reservation", ScopeId="10.0.0.0", ClientId=MAC)
    server("Remove-DhcpServerv4Reservation", IPAddress="10.0.0.51")
    assert server("Get-DhcpServerv4Reservation", ScopeId="10.0.0.0") == []
    refused = server.refused("Remove-DhcpServerv4Reservation", ScopeId="10.0.0.0", ClientId=MAC)
    assert refused.error_id == "DHCP 20018"


@pytest.mark.parametrize(
    ("mac", "reserved", "error"),
    [
        (MAC, "10.0.0.51", "DHCP 20022"),
        ("00-15-5D-00-00-51", "10.0.0.50", "DHCP 20022"),
        ("00-15-5D-00-00-51", "10.0.9.50", "DHCP 20023"),
    ],
)
def test_a_reservation_that_is_there_or_outside_is_refused(server, mac, reserved, error):
    reserve(server, MAC, "10.0.0.50")
    values = {"ScopeId": "10.0.0.0", "IPAddress": reserved, "ClientId": mac}
    assert server.refused("Add-DhcpServerv4Reservation", **values).error_id == error


def test_reservations_go_with_their_scope(server):
    reserve(server, MAC, "10.0.0.50")
    server("Remove-DhcpServerv4Scope", "Force", ScopeId="10.0.0.0")
    scope = {"StartRange": "10.0.0.100", "EndRange": "10.0.0.101", "SubnetMask": "255.255.255.0"}
    server("Add-DhcpServerv4Scope", Name="Lab", **scope)
    assert server("Get-DhcpServerv4Reservation", ScopeId="10.0.0.0") == []


def test_a_dns_server_that_does_not_answer_is_refused_without_force(server):
    # -Force: "Specifies that the DNS server validation is skipped."
    option = {"ScopeId": "10.0.0.0", "DnsServer": "10.0.0.77"}
    refused = server.refused("Set-DhcpServerv4OptionValue", **option)
    assert "is not a valid DNS server" in refused.message
    server("Set-DhcpServerv4OptionValue", "Force", **option)
    (value,) = server("Get-DhcpServerv4OptionValue", ScopeId="10.0.0.0", OptionId=6)
    assert value["Value"] == ["10.0.0.77"]


def test_a_dns_server_that_answers_passes_the_validation(server):
    option = {"ScopeId": "10.0.0.0", "DnsServer": "10.0.0.1"}
    server.refused("Set-DhcpServerv4OptionValue", **option)
    server("Install-WindowsFeature", "IncludeManagementTools", Name="DNS")
    server("Set-DhcpServerv4OptionValue", **option)
    server.session.simulated_host.world.quirks.dhcp_validates_dns_servers = False
    server("Set-DhcpServerv4OptionValue", ScopeId="10.0.0.0", DnsServer="10.0.0.77")


@pytest.mark.parametrize(
    "commands", [("Restart-NetAdapter",), ("Disable-NetAdapter", "Enable-NetAdapter")]
)
def test_a_client_whose_link_comes_up_again_gets_the_options_of_now(server, commands):
    server.new_vm("a", switch="Lab", start=True)
    guest = server.guest("a")
    options = {"Router": "10.0.0.254", "DnsServer": "10.0.0.9"}
    server("Set-DhcpServerv4OptionValue", "Force", ScopeId="10.0.0.0", **options)
    assert guest.one("Get-NetRoute", DestinationPrefix="0.0.0.0/0")["NextHop"] == "10.0.0.1"
    for command in commands:
        guest(command, Name="Ethernet", Confirm=False)
    assert address(guest)["IPAddress"] == "10.0.0.100"
    assert guest.one("Get-NetRoute", DestinationPrefix="0.0.0.0/0")["NextHop"] == "10.0.0.254"
    assert guest.one("Get-DnsClientServerAddress")["ServerAddresses"] == ["10.0.0.9"]


def test_a_client_whose_address_is_no_longer_served_asks_for_another(server):
    server.new_vm("a", switch="Lab", start=True)
    guest = server.guest("a")
    server("Remove-DhcpServerv4Scope", "Force", ScopeId="10.0.0.0")
    scope = {"StartRange": "10.0.0.150", "EndRange": "10.0.0.151", "SubnetMask": "255.255.255.0"}
    server("Add-DhcpServerv4Scope", Name="Lab", State="Active", **scope)
    guest("Restart-NetAdapter", Name="Ethernet")
    assert address(guest)["IPAddress"] == "10.0.0.150"


def test_a_client_that_reaches_no_server_keeps_its_lease(server):
    server.new_vm("a", switch="Lab", start=True)
    guest = server.guest("a")
    server("Remove-DhcpServerv4Scope", "Force", ScopeId="10.0.0.0")
    guest("Restart-NetAdapter", Name="Ethernet")
    assert address(guest)["IPAddress"] == "10.0.0.100"
