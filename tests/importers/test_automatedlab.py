"""AutomatedLab's Lab.xml and Machines.xml as topology files."""

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.importers import import_lab

LABS = sorted((Path(__file__).parent / "automatedlab").glob("*/Lab.xml"))


def network(name="Net", attributes="", inner="", tag="VirtualNetwork"):
    return f"<{tag} Name={quoteattr(name)} {attributes}>{inner}</{tag}>"


def space(address, length, tag="AddressSpace"):
    return f'<{tag} SerializationAddressFamily="InterNetwork" SerializationCidr="{length}"><IpAddress AddressAsString="{address}"/></{tag}>'


def adapter(inner="", name="Net", attributes=""):
    switch = network(name, attributes, tag="VirtualSwitch")
    return f"<NetworkAdapter>{switch}{inner}</NetworkAdapter>"


def machine(name="M1", inner="", adapters="", system="Windows Server 2022 Datacenter"):
    return (
        f"<Machine><Name>{escape(name)}</Name><NetworkAdapters>{adapters}</NetworkAdapters>"
        f"<OperatingSystem><OperatingSystemName>{escape(system)}</OperatingSystemName></OperatingSystem>{inner}</Machine>"
    )


def properties(**values):
    items = (
        f"<item><key><string>{key}</string></key><value><string>{value}</string></value></item>"
        for key, value in values.items()
    )
    return f"<HypervProperties>{''.join(items)}</HypervProperties>"


def lab_of(tmp_path, machines, networks="", *, name="Lab1", inner=""):
    (tmp_path / "Machines.xml").write_text(f"<Machines>{machines}</Machines>", encoding="utf-8")
    file = tmp_path / "Lab.xml"
    text = f"<Lab><Name>{escape(name)}</Name><VirtualNetworks>{networks}</VirtualNetworks>{inner}</Lab>"
    file.write_text(text, encoding="utf-8")
    return import_lab(file, "automatedlab")


def one(tmp_path, inner="", adapters="", **values):
    """Import one machine; returns its VM and what is left out."""
    imported = lab_of(tmp_path, machine(inner=inner, adapters=adapters, **values))
    return imported.topology.vms[0], "\n".join(map(str, imported.left_out))


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.parent.name)
def test_a_lab_becomes_the_file_that_a_person_would_write(path, update_cases):
    imported = import_lab(path, "automatedlab")
    expected = path.with_name("lab.yml")
    if update_cases:
        expected.write_text(imported.text, encoding="utf-8", newline="\n")
    assert imported.text == expected.read_text(encoding="utf-8")
    assert "not-to-be-copied" not in imported.text


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.parent.name)
def test_it_is_valid_and_is_saved_as_it_was(path, tmp_path):
    topology = nestlab.import_definition(path.parent, "automatedlab")
    assert nestlab.validate(topology).errors == ()
    saved = tmp_path / "lab.yml"
    nestlab.save(topology, saved)
    loaded = nestlab.load(saved)
    assert loaded == topology
    text = saved.read_bytes()
    nestlab.save(loaded, saved)
    assert saved.read_bytes() == text


@pytest.mark.parametrize(
    ("attributes", "inner", "expected"),
    [
        ('SwitchType="Internal"', space("10.0.0.0", 24), ("Internal", "10.0.0.2/24", None)),
        ('SwitchType="Internal"', space("10.0.0.7", 24), ("Internal", "10.0.0.7/24", None)),
        ('SwitchType="Internal"', f"{space('10.0.0.0', 16)}<UseNat>true</UseNat>", ("Internal", "10.0.0.2/16", "10.0.0.0/16")),
        ('SwitchType="Private"', space("10.0.0.0", 24), ("Private", None, None)),
        ('SwitchType="External" AdapterName="NIC"', "", ("External", None, None)),
        ('SwitchType="Internal" EnableManagementAdapter="false"', space("10.0.0.0", 24), ("Internal", None, None)),
    ],
)  # fmt: skip
def test_networks_are_switches_with_the_address_that_the_host_gets(
    tmp_path, attributes, inner, expected
):
    taken = f"<Ipv4Address>{space('10.0.0.1', 24, 'IPNetwork')}</Ipv4Address>"
    machines = machine(adapters=adapter(taken, attributes=attributes))
    (switch,) = lab_of(
        tmp_path, machines, network(attributes=attributes, inner=inner)
    ).topology.switches
    found = (
        str(switch.switch_type),
        switch.ip_address and str(switch.ip_address),
        switch.nat and str(switch.nat),
    )
    assert found == expected


def test_adapters_have_what_the_machine_states(tmp_path):
    inner = (
        f"<Ipv4Address>{space('10.0.0.5', 24, 'IPNetwork')}</Ipv4Address>"
        '<Ipv4Gateway><IPAddress AddressAsString="10.0.0.1"/></Ipv4Gateway>'
        '<Ipv4DnsServers><IPAddress AddressAsString="0.0.0.0"/><IPAddress AddressAsString="10.0.0.9"/></Ipv4DnsServers>'
        "<MacAddress>00155D000001</MacAddress><AccessVLANID>7</AccessVLANID>"
    )
    dhcp = "<UseDhcp>true</UseDhcp><MacAddress>0017FA000001</MacAddress>"
    vm, _ = one(tmp_path, adapters=adapter(inner) + adapter(dhcp))
    static, leased = vm.network_adapters
    assert [adapter.name for adapter in vm.network_adapters] == ["Net", "Net 2"]
    assert (str(static.ip_address), str(static.gateway), list(map(str, static.dns_servers))) == (
        "10.0.0.5/24",
        "10.0.0.1",
        ["10.0.0.9"],
    )
    assert (static.mac_address, static.vlan.access) == ("00155D000001", 7)
    assert (leased.dhcp, leased.mac_address, leased.vlan) == (True, None, None)


def test_an_address_is_read_from_its_number_where_it_has_no_text(tmp_path):
    number = '<Ipv4Address><IPNetwork SerializationNetworkAddress="167772165" SerializationCidr="24"/></Ipv4Address>'
    vm, _ = one(tmp_path, adapters=adapter(number))
    assert str(vm.network_adapters[0].ip_address) == "10.0.0.5/24"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("", ("Nothing", None, "ShutDown", "false", None)),
        (properties(AutomaticStartAction="start", AutomaticStartDelay="90", AutomaticStopAction="TurnOff"), ("Start", 90, "TurnOff", "false", None)),
        (properties(EnableSecureBoot="On", EnableTpm="yes"), ("Nothing", None, "ShutDown", None, True)),
        (properties(EnableSecureBoot="On", SecureBootTemplate="MicrosoftUEFICertificateAuthority"), ("Nothing", None, "ShutDown", "MicrosoftUEFICertificateAuthority", None)),
        (f"<VmGeneration>1</VmGeneration>{properties(EnableTpm='true')}", ("Nothing", None, "ShutDown", None, None)),
        (properties(AutomaticStartAction="?", AutomaticStartDelay="soon"), ("Nothing", None, "ShutDown", "false", None)),
    ],
)  # fmt: skip
def test_settings_are_those_of_the_machine_or_of_automatedlab(tmp_path, inner, expected):
    vm, _ = one(tmp_path, inner)
    secure_boot = None if vm.secure_boot is None else str(vm.secure_boot)
    found = (
        str(vm.automatic_start_action),
        vm.automatic_start_delay,
        str(vm.automatic_stop_action),
        secure_boot,
        vm.tpm,
    )
    assert found == expected


@pytest.mark.parametrize(
    ("inner", "startup", "limits"),
    [
        ("<Memory>4294967296</Memory>", "4GB", None),
        ("<Memory>4</Memory>", "2GB", None),
        ("<Memory>4294967296</Memory><MinMemory>1073741824</MinMemory>", "4GB", ("1GB", "1TB")),
        ("<Memory>4294967296</Memory><MaxMemory>2147483648</MaxMemory>", "4GB", ("512MB", "4GB")),
        ("<Memory>4294967296</Memory><MaxMemory>8589934592</MaxMemory><Roles><Role Name='HyperV'/></Roles>", "4GB", None),
    ],
)  # fmt: skip
def test_memory_is_that_of_the_machine(tmp_path, inner, startup, limits):
    vm, _ = one(tmp_path, inner)
    found = vm.dynamic_memory and (str(vm.dynamic_memory.minimum), str(vm.dynamic_memory.maximum))
    assert (str(vm.memory_startup), found) == (startup, limits)


def test_roles_make_nested_hosts_and_routers_and_the_others_are_listed(tmp_path):
    roles = "<Roles><Role Name='HyperV'/><Role Name='Routing'/><Role Name='WebServer'/></Roles>"
    vm, left_out = one(tmp_path, roles + "<DomainName>a.example</DomainName>")
    assert (vm.nested is not None, vm.forwarding) == (True, True)
    assert "the role WebServer: install it in the guest" in left_out
    assert "NAT of the role Routing" in left_out


def test_linux_gets_an_image_with_cloud_init(tmp_path):
    vm, left_out = one(tmp_path, system='Ubuntu "Jammy"')
    assert (vm.guest.os, vm.guest.cloud_init, vm.disk.image) == ("linux", True, "Ubuntu-Jammy")
    assert "prepare an image with cloud-init" in left_out


def test_machines_that_hyper_v_does_not_get_are_left_out(tmp_path):
    skipped = machine("A", "<SkipDeployment>true</SkipDeployment>") + machine(
        "B", "<HostType>Azure</HostType>"
    )
    imported = lab_of(tmp_path, skipped + machine("C"), network("Z", 'HostType="Azure"'))
    assert [vm.name for vm in imported.topology.vms] == ["C"]
    assert imported.topology.switches == ()
    assert {entry.subject for entry in imported.left_out} >= {"A", "B", "network Z"}


ENTITIES = '<!DOCTYPE Lab [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<Lab><Name>&b;</Name></Lab>'


@pytest.mark.parametrize(
    ("text", "place", "words", "what_to_do"),
    [
        ("", ":1:1: ", "is not XML", "Export the definition again"),
        ("<Lab>\n<Name></Lab>", ":2:9: ", "mismatched tag", "Export"),
        (ENTITIES, ":1:", "has a document type", "Export"),
        ('<!DOCTYPE Lab SYSTEM "file:///etc/passwd"><Lab/>', ":1:", "has a document type", "Export"),
        ("<Lab>&xxe;</Lab>", ":1:6: ", "undefined entity", "Export"),
        ("<Machines/>", ":1: ", "begins with <Machines>", "Give the Lab.xml"),
        ("<a>" * 101, ":1:301: ", "100 levels", "Export"),
        ('<?xml version="1.0" encoding="none"?><Lab/>', ":1:", "is not XML", "Export"),
        ("<Lab><Machines>\n<Machine/></Machines></Lab>", ":2: ", "a machine has no Name", "Export-LabDefinition"),
        ("<Lab><Machines><Machine><Name>A</Name>\n<Memory>much</Memory></Machine></Machines></Lab>", ":2: ", "machine A: Memory must be a whole number", "Correct"),
        ("<Lab><VirtualNetworks>\n<VirtualNetwork Name='N' SwitchType='Bridge'/></VirtualNetworks><Machines><Machine><Name>A</Name></Machine></Machines></Lab>", ":2: ", "Internal, External or Private, not 'Bridge'", "Correct"),
        ("<Lab><Machines><Machine><Name>A</Name><NetworkAdapters><NetworkAdapter><Ipv4Address>\n<IPNetwork SerializationCidr='99'><IpAddress AddressAsString='10.0.0.1'/></IPNetwork></Ipv4Address></NetworkAdapter></NetworkAdapters></Machine></Machines></Lab>", ":2: ", "an address with a prefix length, not '10.0.0.1/99'", "Correct"),
    ],
)  # fmt: skip
def test_bad_input_is_one_error_with_its_place_and_what_to_do(
    tmp_path, text, place, words, what_to_do
):
    file = tmp_path / "Lab.xml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(nestlab.DefinitionFileError) as caught:
        import_lab(file, "automatedlab")
    message = str(caught.value)
    assert f"Lab.xml{place}" in message
    assert words in message
    assert what_to_do in message


def test_machines_have_to_be_beside_the_lab(tmp_path):
    file = tmp_path / "Lab.xml"
    named = r"<Lab><MachineDefinitionFiles><MachineDefinitionFile Path='C:\x\Own.xml'/></MachineDefinitionFiles></Lab>"
    file.write_text(named, encoding="utf-8")
    with pytest.raises(nestlab.DefinitionFileError, match=r"Own\.xml is not beside it"):
        import_lab(file, "automatedlab")
    (tmp_path / "Own.xml").write_text("<ListXmlStoreOfMachine/>", encoding="utf-8")
    with pytest.raises(nestlab.DefinitionFileError, match="there are no machines in it") as caught:
        import_lab(file, "automatedlab")
    assert "Own.xml:1" in str(caught.value)


# What XML 1.0 can have: other characters are refused by any reader of it.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff").filter(
    lambda char: char >= " " or char in "\t\n\r"
)
NAMES = st.text(CHARACTERS, min_size=1).filter(str.strip)


@given(
    machines=st.lists(st.tuples(NAMES, NAMES, NAMES, NAMES), min_size=1, max_size=4),
    name=NAMES,
)
@settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_no_name_breaks_the_file(tmp_path, machines, name):
    elements = "".join(
        machine(
            own,
            f"<FriendlyName>{escape(friendly)}</FriendlyName><DomainName>{escape(friendly)}</DomainName>"
            f"<Roles><Role Name={quoteattr(switch)}/></Roles><TimeZone>{escape(own)}</TimeZone>",
            adapter(name=switch) + adapter(name=own),
            system,
        )
        for own, friendly, switch, system in machines
    )
    topology = lab_of(tmp_path, elements, name=name).topology
    assert len(topology.vms) == len(machines)
    assert nestlab.loads(topology.origin.text) == topology
