"""What people run into: each trouble is planted in the simulated host, found by its name, and gone once its fix has run."""

from dataclasses import replace

import pytest

import nestlab
from nestlab.model import Cmdlet, Size
from nestlab.model import Switch as On
from nestlab.observe import observe, observe_all
from nestlab.rules import host_findings, level_findings
from nestlab.simulator.machine import Nat
from tests.rules.states import READY, with_computer

NESTED_LAB = """
name: levels
switches:
  - {name: LabNet, switch_type: Internal, ip_address: 192.168.100.1/24, nat: 192.168.100.0/24}
vms:
  - name: HV1
    processor_count: 4
    memory_startup: 8GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters:
      - {name: Ethernet, switch: LabNet, ip_address: 192.168.100.11/24, gateway: 192.168.100.1, mac_address_spoofing: true}
    nested:
      switches: [{name: Outside, switch_type: External, net_adapter: Ethernet}]
      vms: [{name: web1, memory_startup: 2GB, network_adapters: [{switch: Outside}]}]
"""


def found(host, code):
    return [finding for finding in host_findings(observe(host)) if finding.code == code]


def plant(host, name="dc-archive", **settings):
    host.run(Cmdlet("Set-VMProcessor", {"VMName": name, **settings}))


def nested_host(host):
    plant(host, ExposeVirtualizationExtensions=True)
    host.run(Cmdlet("New-VMSwitch", {"Name": "LabNet", "SwitchType": "Internal"}))
    host.run(Cmdlet("Connect-VMNetworkAdapter", {"VMName": "dc-archive", "SwitchName": "LabNet"}))


def world(host):
    return host.simulated_host.world


def dynamic_memory(host):
    plant(host, "sql-test", ExposeVirtualizationExtensions=True)


def too_little_memory(host):
    plant(host, ExposeVirtualizationExtensions=True)
    host.run(Cmdlet("Set-VMMemory", {"VMName": "dc-archive", "StartupBytes": Size.parse("2GB")}))


def saved(host):
    host.run(Cmdlet("Save-VM", {"Name": "build-agent"}))


def a_checkpoint(host):
    host.run(Cmdlet("Checkpoint-VM", {"Name": "dc-archive"}))


def a_nat(host):
    world(host).host.nats.append(Nat("DockerNAT", "10.0.75.0/24"))


def jumbo(host):
    world(host).host.adapters[0].ip.mtu = 9014


def an_access_port(host):
    nested_host(host)
    host.run(Cmdlet("Set-VMNetworkAdapterVlan", {"VMName": "dc-archive", "Access": On.ON, "VlanId": 10}))


def the_service_stopped(host):
    host.run(Cmdlet("Stop-Service", {"Name": "vmms"}))


def nothing(_host):
    pass


MENDED = [
    pytest.param("sim:ws2022-intel", saved, "vm-saved", id="3 Set-VMProcessor refused: saved"),
    pytest.param("sim:ws2022-intel", nothing, "vm-running", id="3 Set-VMProcessor refused: running"),
    pytest.param("sim:ws2022-intel", dynamic_memory, "vm-dynamic-memory", id="4 dynamic memory"),
    pytest.param("sim:ws2022-intel", too_little_memory, "vm-memory-low", id="6 nested host below 4 GB"),
    pytest.param("sim:old-vms", nothing, "vm-version-too-old", id="7 configuration version"),
    pytest.param("sim:ws2022-intel", nested_host, "vm-mac-spoofing-off", id="11 link and no traffic"),
    pytest.param("sim:ws2022-intel", a_nat, "nat-present", id="15 a second NAT"),
    pytest.param("sim:ws2022-intel", an_access_port, "vm-vlan-access", id="21 tagged frames dropped"),
    pytest.param("sim:ws2022-intel", jumbo, "jumbo-mtu", id="22 jumbo frames"),
    pytest.param("sim:ws2022-intel", a_checkpoint, "vm-checkpoint", id="near miss: checkpoint of a nested host"),
    pytest.param("sim:ws2022-intel", the_service_stopped, "role-not-answering", id="near miss: the management service"),
    pytest.param("sim:no-role", nothing, "role-not-installed", id="no role"),
]


@pytest.mark.parametrize(("address", "trouble", "code"), MENDED)
def test_trouble_is_found_by_name_and_gone_after_its_fix(address, trouble, code):
    host = nestlab.connect(address)
    trouble(host)
    findings = found(host, code)
    assert findings
    for finding in findings:
        assert finding.evidence
        assert finding.source.startswith("https://")
        assert finding.runs_on == observe(host).computer.name
        host.run(*finding.fix)
        host.wait(300)
    assert not found(host, code)


def no_nesting_at_boot(host):
    world(host).quirks.hypervisor_load_options = "OFFERNESTEDVIRT=FALSE"


def no_execution_prevention(host):
    world(host).quirks.data_execution_prevention = False


def wireless(host):
    world(host).host.adapters[0].wireless = True


def a_preview(host):
    world(host).host.operating_system.build = 14357


def security_on(host):
    world(host).quirks.virtualization_based_security = 2


TOLD = [
    pytest.param("sim:ws2019-amd", nothing, "build-too-old", "Upgrade Windows", id="7 AMD"),
    pytest.param("sim:arm64", nothing, "processor-not-supported", "Use an Intel or AMD host", id="near miss: ARM64"),
    pytest.param("sim:ws2022-intel", security_on, "vbs-on-host", "", id="8 VBS is no obstacle"),
    pytest.param("sim:ws2022-intel", a_preview, "vbs-opt-out-needed", "VirtualizationBasedSecurityOptOut $true", id="9 opt-out"),
    pytest.param("sim:azure-trusted-launch", nothing, "extensions-not-known", "security type Standard", id="10 Trusted Launch"),
    pytest.param("sim:azure-vm", nothing, "nat-only", "New-NetNat", id="12 bridging in a public cloud"),
    pytest.param("sim:ws2022-intel", wireless, "adapter-wireless", "NAT", id="12 bridging over Wi-Fi"),
    pytest.param("sim:busy-host", nothing, "nat-may-be-hidden", "choose another prefix", id="14 error 87 though no NAT is shown"),
    pytest.param("sim:win10-intel", nothing, "default-switch", "Internal switch of your own", id="20 Default Switch"),
    pytest.param("sim:busy-host", nothing, "ambiguous-name", "Rename one", id="near miss: two VMs of one name"),
    pytest.param("sim:hyperv-admin-only", nothing, "account-not-administrator", "New-NetNat", id="25 NAT denied"),
    pytest.param("sim:ws2022-intel", no_nesting_at_boot, "boot-option-forbids", "bcdedit /deletevalue", id="boot option"),
    pytest.param("sim:firmware-off", nothing, "virtualization-off", "firmware", id="firmware"),
    pytest.param("sim:firmware-off", no_execution_prevention, "execution-prevention-off", "XD bit", id="data execution prevention"),
    pytest.param("sim:win11-home", nothing, "edition-without-hyper-v", "Pro, Enterprise", id="Home edition"),
    pytest.param("sim:kvm-guest", nothing, "host-is-virtual", "has to expose", id="near miss: another hypervisor below"),
]


@pytest.mark.parametrize(("address", "trouble", "code", "hint"), TOLD)
def test_trouble_that_no_cmdlet_mends_is_found_with_the_way_out(address, trouble, code, hint):
    host = nestlab.connect(address)
    trouble(host)
    (finding, *_) = found(host, code)
    assert hint in finding.hint
    assert finding.evidence
    assert finding.source.startswith("https://")


def test_security_on_the_host_is_a_note_and_says_that_sources_disagree():
    host = nestlab.connect()
    security_on(host)
    (finding,) = found(host, "vbs-on-host")
    assert finding.severity == "info"
    assert "sources disagree" in finding.rule
    assert nestlab.check(host)[0].code == "can-nest"


@pytest.fixture(scope="module")
def two_levels(tmp_path_factory):
    """A host with a nested host that answers."""
    topology, host = nestlab.loads(NESTED_LAB), nestlab.connect()
    results = list(nestlab.Lab(topology, host, journal=tmp_path_factory.mktemp("lab") / "j.jsonl").apply())
    assert all(result.ok for result in results)
    return topology, host


def level_codes(topology, host):
    return {finding.code: finding for finding in level_findings(observe_all(host, topology))}


def mend(topology, host, code):
    finding = level_codes(topology, host)[code]
    machine = host if finding.runs_on == "HV01" else host.guest("HV1", "lab-admin")
    machine.run(*finding.fix)
    host.wait(600)
    assert code not in level_codes(topology, host)


def test_a_healthy_pair_of_levels_has_no_findings(two_levels):
    assert not level_codes(*two_levels)


def test_l2_does_not_start_because_the_flag_is_off_on_the_host(two_levels):
    topology, host = two_levels
    host.run(
        Cmdlet("Stop-VM", {"Name": "HV1", "Force": On.ON}),
        Cmdlet("Set-VMProcessor", {"VMName": "HV1", "ExposeVirtualizationExtensions": False}),
        Cmdlet("Start-VM", {"Name": "HV1"}),
    )
    host.wait(600)
    mend(topology, host, "extensions-hidden")


def test_the_sum_of_l2_does_not_fit_and_memory_takes_a_power_cycle(two_levels):
    topology, host = two_levels
    host.guest("HV1", "lab-admin").run(Cmdlet("New-VM", {"Name": "big", "NoVHD": On.ON, "MemoryStartupBytes": Size.parse("6GB")}))
    finding = level_codes(topology, host)["memory-inside-short"]
    assert [cmdlet.name for cmdlet in finding.fix] == ["Stop-VM", "Set-VMMemory", "Start-VM"]
    mend(topology, host, "memory-inside-short")


def test_bridged_l2_is_silent_because_spoofing_is_off(two_levels):
    topology, host = two_levels
    host.run(Cmdlet("Set-VMNetworkAdapter", {"VMName": "HV1", "MacAddressSpoofing": "Off"}))
    mend(topology, host, "spoofing-off")


def test_cloned_hosts_have_one_mac_pool(two_levels):
    topology, host = two_levels
    pool = observe(host).hyper_v.vm_host
    limits = {"MacAddressMinimum": pool.mac_address_minimum, "MacAddressMaximum": pool.mac_address_maximum}
    host.guest("HV1", "lab-admin").run(Cmdlet("Set-VMHost", limits))
    finding = level_codes(topology, host)["mac-pools-overlap"]
    host.guest("HV1", "lab-admin").run(*finding.fix)
    assert "mac-pools-overlap" not in level_codes(topology, host)


def test_jumbo_frames_inside_only():
    inner = with_computer(replace(READY, machine=("HV1",), ip_interfaces=(replace(READY.ip_interfaces[0], nl_mtu=9014),)), name="HV1")
    host = nestlab.connect()
    outer = observe(host)
    vm = replace(outer.hyper_v.vms[0], name="HV1", expose_virtualization_extensions=True, memory_startup=Size.parse("8GB"))
    states = {(): replace(outer, hyper_v=replace(outer.hyper_v, vms=(vm,))), ("HV1",): inner}
    (finding,) = level_findings(states)
    assert (finding.code, finding.runs_on) == ("mtu-differs", "HV1")
    assert str(finding.fix[0]) == "Set-NetIPInterface -InterfaceAlias 'Ethernet' -NlMtuBytes 1500"


def test_an_update_is_no_fix_where_the_host_has_no_newer_version():
    for finding in found(nestlab.connect("sim:ws2019-amd"), "vm-version-too-old"):
        assert finding.fix == ()
        assert finding.hint.startswith("Upgrade Windows on the host first")


def refused(session, cmdlet):
    """Run a cmdlet that the host refuses; return what is known about its error."""
    with pytest.raises(nestlab.errors.CmdletError) as caught:
        session.run(cmdlet)
    return nestlab.explain(caught.value.record)


def test_the_role_does_not_install_in_l1_until_the_host_exposes_its_extensions():
    host = nestlab.connect()
    host.run(Cmdlet("Start-VM", {"Name": "dc-archive"}))
    host.wait(300)
    install = Cmdlet("Install-WindowsFeature", {"Name": "Hyper-V", "IncludeManagementTools": On.ON})
    known = refused(host.guest("dc-archive", "lab-admin"), install)
    assert known.code == "role-prerequisite"
    assert "-ExposeVirtualizationExtensions $true" in known.fix
    assert known.runs_on == "the host around this machine"
    for name, parameters in (("Stop-VM", {}), ("Set-VMProcessor", {"ExposeVirtualizationExtensions": True}), ("Start-VM", {})):
        host.run(Cmdlet(name, {"VMName" if name == "Set-VMProcessor" else "Name": "dc-archive", **parameters}))
    host.wait(300)
    (result,) = host.guest("dc-archive", "lab-admin").run(install).records
    assert result["Success"] is True


def test_a_preview_wants_the_opt_out_first_and_takes_the_flag_after():
    host = nestlab.connect()
    a_preview(host)
    security_on(host)
    expose = Cmdlet("Set-VMProcessor", {"VMName": "dc-archive", "ExposeVirtualizationExtensions": True})
    known = refused(host, expose)
    assert known.code == "vbs-opt-out"
    assert "Set-VMSecurity -VMName '<VM>' -VirtualizationBasedSecurityOptOut $true" in known.fix
    host.run(Cmdlet("Set-VMSecurity", {"VMName": "dc-archive", "VirtualizationBasedSecurityOptOut": True}))
    host.run(expose)
    assert observe(host).hyper_v.vms[0].expose_virtualization_extensions


def test_a_nat_that_overlaps_is_refused_explained_and_taken_with_another_prefix():
    host = nestlab.connect()
    a_nat(host)
    known = refused(host, Cmdlet("New-NetNat", {"Name": "Lab", "InternalIPInterfaceAddressPrefix": "10.0.75.128/25"}))
    assert known.code == "nat-overlap"
    assert "prefix that nothing uses" in known.fix
    host.run(Cmdlet("New-NetNat", {"Name": "Lab", "InternalIPInterfaceAddressPrefix": "10.0.80.0/24"}))
