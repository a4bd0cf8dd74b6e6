import threading
from ipaddress import IPv4Interface, IPv4Network
from pathlib import Path

import pytest

import nestlab
from nestlab.errors import Cancelled, JournalError, PlanRefused, StalePlan, UsageError
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.model.topology import VM, Guest, Nested, NetworkAdapter, Switch, SwitchType, Topology
from nestlab.observe import observe
from nestlab.plan.nesting_steps import plan_nesting
from tests.lab.comparer import differences

TOPOLOGIES = Path(__file__).parents[1] / "cases" / "topologies"
NAT_LAB = nestlab.load(TOPOLOGIES / "nat-lab.yml")
DISK = r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks\nestlab.nat-lab.HV1.vhdx"


@pytest.fixture
def host():
    return nestlab.connect()


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "journal.jsonl"


def vm_of(host, name):
    return next(vm for vm in observe(host).hyper_v.vms if vm.name == name)


@pytest.mark.parametrize(
    ("cmdlet", "said"),
    [
        (
            Cmdlet("New-VMSwitch", {"Name": "LabNet", "SwitchType": "Private"}),
            "host: switch LabNet is new; .*a switch of this name that nestlab did not create",
        ),
        (
            Cmdlet("New-VM", {"Name": "hv1", "NoVHD": SwitchParameter.ON}),
            "host: VM hv1 .* is new; .*a VM of this name that nestlab did not create",
        ),
        (
            Cmdlet(
                "New-NetNat", {"Name": "x", "InternalIPInterfaceAddressPrefix": "192.168.0.0/16"}
            ),
            "host: NAT x is new; .*192.168.0.0/16",
        ),
        (
            Cmdlet("New-VHD", {"Path": DISK, "SizeBytes": Size.parse("1GB")}),
            r"disk file .*hv1.vhdx is new; ",
        ),
        (
            Cmdlet("Remove-Item", {"Path": r"D:\images\ws2022.vhdx"}),
            r"disk file d:\\images\\ws2022.vhdx is gone; image ws2022: is not on the host",
        ),
    ],
)
def test_a_plan_is_refused_where_what_it_stands_on_has_changed_and_says_what(
    host, journal, cmdlet, said
):
    lab = nestlab.Lab(NAT_LAB, host, journal)
    plan = lab.plan()
    host.run(cmdlet)
    with pytest.raises(StalePlan, match=said):
        next(lab.apply(plan))
    assert not any(vm.name == "HV1" for vm in observe(host).hyper_v.vms)


def test_a_vm_of_somebody_else_with_a_wanted_name_refuses_the_plan(host, journal):
    host.run(Cmdlet("New-VM", {"Name": "HV1", "NoVHD": SwitchParameter.ON}))
    with pytest.raises(PlanRefused, match="name-clash"):
        nestlab.Lab(NAT_LAB, host, journal).plan()


def test_confirm_is_asked_before_each_step(host, journal):
    asked = []

    def confirm(step):
        asked.append(step.action)
        return len(asked) < 2

    with pytest.raises(Cancelled):
        list(nestlab.Lab(NAT_LAB, host, journal).apply(confirm=confirm))
    assert asked == ["create-switch", "set-address"]
    assert [switch.name for switch in observe(host).hyper_v.switches] == ["LabNet"]


def test_cancel_while_a_guest_is_waited_for(host, journal):
    cancel = threading.Event()

    def stop_at_the_first_wait(event):
        if event.get("activity") == "Waiting for HV1":
            cancel.set()

    with pytest.raises(Cancelled):
        list(
            nestlab.Lab(NAT_LAB, host, journal).apply(
                cancel=cancel, on_event=lambda event: stop_at_the_first_wait(event.to_dict())
            )
        )


def test_events_tell_the_whole_story(host, journal):
    events = []
    list(
        nestlab.Lab(NAT_LAB, host, journal).apply(
            on_event=lambda event: events.append(event.to_dict())
        )
    )
    kinds = [event["event"] for event in events]
    assert kinds.count("step-started") == kinds.count("step-finished") > 20
    assert {"event": "finished", "status": "done"}.items() <= events[-1].items()
    assert any(
        event["event"] == "progress" and event["activity"].startswith("Waiting for HV1")
        for event in events
    )


def test_a_change_of_the_topology_changes_what_is_there_and_undo_brings_it_back(host, tmp_path):
    first = Topology(name="lab", vms=(VM(name="a", network_adapters=(NetworkAdapter(),)),))
    list(nestlab.Lab(first, host, tmp_path / "1.jsonl").apply())
    second = Topology(
        name="lab",
        switches=(Switch(name="S", switch_type=SwitchType.PRIVATE),),
        vms=(
            VM(
                name="a",
                processor_count=4,
                memory_startup=Size.parse("2GB"),
                network_adapters=(NetworkAdapter(switch="S", mac_address_spoofing=True),),
            ),
        ),
    )
    before = vm_of(host, "a")
    lab = nestlab.Lab(second, host, tmp_path / "2.jsonl")
    assert all(result.ok for result in lab.apply())
    changed = vm_of(host, "a")
    assert (changed.processor_count, changed.memory_startup, changed.state, changed.id) == (
        4,
        Size.parse("2GB"),
        "Running",
        before.id,
    )
    assert changed.network_adapters[0].switch_name == "S"
    assert [str(result) for result in lab.undo() if not result.ok] == []
    assert (vm_of(host, "a").processor_count, vm_of(host, "a").network_adapters[0].switch_name) == (
        2,
        "",
    )
    assert vm_of(host, "a").state == "Running"


def test_a_running_nested_host_gets_its_role_after_the_restart_that_exposes_the_extensions(
    host, tmp_path
):
    plain = NAT_LAB.vms[0]
    without = VM(
        name="HV1",
        memory_startup=plain.memory_startup,
        disk=plain.disk,
        guest=plain.guest,
        network_adapters=plain.network_adapters,
    )
    list(
        nestlab.Lab(
            Topology(
                name="nat-lab",
                images=NAT_LAB.images,
                switches=NAT_LAB.switches,
                vms=(without,),
            ),
            host,
            tmp_path / "1.jsonl",
        ).apply()
    )
    lab = nestlab.Lab(NAT_LAB, host, tmp_path / "2.jsonl")
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert lab.plan().is_empty
    assert lab.verify().ok


def test_a_check_of_a_machine_that_is_not_there_never_passes_and_says_so(host, journal):
    report = nestlab.Lab(NAT_LAB, host, journal).verify()
    assert [result.passed for result in report] == [False] * len(NAT_LAB.checks)
    assert {result.method for result in report} == {"missing"}
    assert report.results[0].explanation.startswith("web1 is inside HV1, which is not on the host")


def test_undo_touches_nothing_that_lost_its_mark(host, journal):
    lab = nestlab.Lab(
        Topology(name="lab", switches=(Switch(name="S", switch_type=SwitchType.PRIVATE),)),
        host,
        journal,
    )
    list(lab.apply())
    host.run(Cmdlet("Set-VMSwitch", {"Name": "S", "Notes": "Ada's now"}))
    assert [(result.status, result.message) for result in lab.undo()] == [
        ("skipped", "S does not carry the mark of lab")
    ]
    assert [switch.name for switch in observe(host).hyper_v.switches] == ["S"]


def test_without_a_journal_undo_says_what_else_there_is(host, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(JournalError, match="`destroy` removes what a topology created"):
        next(nestlab.Lab(NAT_LAB, host).undo())


def test_three_levels_of_hosts(host, journal):
    def inside(name, *vms):
        return VM(
            name=name,
            memory_startup=Size.parse("16GB") if name == "HV1" else Size.parse("6GB"),
            disk=NAT_LAB.vms[0].disk,
            guest=Guest(os="windows", credential="c"),
            nested=Nested(
                switches=(
                    Switch(
                        name="S",
                        switch_type=SwitchType.INTERNAL,
                        ip_address=IPv4Interface("10.0.0.1/24"),
                    ),
                ),
                vms=vms,
            ),
        )

    lab = nestlab.Lab(
        Topology(
            name="deep",
            images=NAT_LAB.images,
            vms=(inside("HV1", inside("HV2", VM(name="leaf", disk=NAT_LAB.vms[0].disk))),),
        ),
        host,
        journal,
    )
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert lab.plan().is_empty
    assert differences(lab.topology, host.simulated_host.world.host) == []
    assert [vm.name for vm in lab.observe()["HV1", "HV2"].hyper_v.vms] == ["leaf"]


def test_dhcp_nat_forwards_routes_and_metrics_are_applied_seen_and_removed(host, journal):
    topology = nestlab.loads(
        """
name: full
forwarding: true
routes: [{to: 10.9.0.0/16, via: 10.0.0.2}]
switches:
  - name: S
    switch_type: Internal
    ip_address: 10.0.0.1/24
    nat: 10.0.0.0/24
    interface_metric: 30
    dns_servers: [1.1.1.1]
    port_forwards: [{protocol: tcp, external_port: 8080, to: 10.0.0.9:80}]
    dhcp: {range: 10.0.0.100-10.0.0.200}
vms:
  - name: a
    generation: 1
    version: '9.0'
    dynamic_memory: {minimum: 512MB, maximum: 4GB}
    network_adapters: [{name: one, switch: S, mac_address: 00-15-5D-AA-BB-CC, vlan: {trunk: [10, 20], native: 1}}, {name: two, connected: false}]
"""
    )
    lab = nestlab.Lab(topology, host, journal)
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert [str(step) for step in lab.plan()] == []
    state = lab.observe()[()]
    assert state.nats[0].internal_prefix == IPv4Network("10.0.0.0/24")
    assert len(state.nats[0].static_mappings) == len(state.dhcp_scopes) == 1
    assert [str(result) for result in lab.undo() if not result.ok] == []
    after = lab.observe()[()]
    assert (after.nats, after.dhcp_scopes, after.hyper_v.switches) == ((), (), ())


def test_nesting_is_enabled_on_a_vm_of_somebody_else_and_undone_to_its_own_values(host, journal):
    before = vm_of(host, "sql-test")
    report = nestlab.enable_nesting(host, "sql-test", journal=journal)
    assert report.ok
    assert vm_of(host, "sql-test").expose_virtualization_extensions
    assert not vm_of(host, "sql-test").dynamic_memory_enabled
    assert nestlab.enable_nesting(host, "sql-test", journal=journal).results == ()
    assert all(result.ok for result in nestlab.undo(host, journal))
    assert vm_of(host, "sql-test") == before


def test_a_running_vm_runs_again_after_nesting(host, journal):
    assert nestlab.enable_nesting(host, "build-agent", journal=journal).ok
    there = vm_of(host, "build-agent")
    assert (there.state, there.expose_virtualization_extensions) == ("Running", True)
    assert plan_nesting(observe(host), "build-agent", enable=True).is_empty
    assert nestlab.disable_nesting(host, "build-agent", journal=journal).ok


def test_nesting_of_a_vm_that_is_not_there(host):
    with pytest.raises(
        UsageError, match=r"VM nope was not found\n  VMs there: dc-archive, build-agent, sql-test"
    ):
        nestlab.enable_nesting(host, "nope")


def test_capture_gives_back_what_was_applied(host, journal):
    list(nestlab.Lab(NAT_LAB, host, journal).apply())
    captured = nestlab.capture(host)
    assert captured.switches[0] == NAT_LAB.switches[0]
    hv1 = next(vm for vm in captured.vms if vm.name == "HV1")
    assert (hv1.processor_count, hv1.memory_startup, hv1.exposes_extensions) == (
        4,
        Size.parse("8GB"),
        True,
    )
    assert hv1.network_adapters[0].ip_address == IPv4Interface("192.168.100.11/24")
    assert [vm.name for vm in captured.vms] == ["dc-archive", "build-agent", "sql-test", "HV1"]
    assert captured.uplinks[0].network == IPv4Network("192.0.2.0/24")


def test_a_captured_host_can_be_saved_loaded_and_drawn(host, tmp_path):
    captured = nestlab.capture(host)
    nestlab.save(captured, tmp_path / "host.yml")
    assert nestlab.load(tmp_path / "host.yml") == captured


EVERYTHING = r"""
name: mix
switches:
  - {name: Up, switch_type: External, net_adapter: Ethernet}
  - {name: P, switch_type: Private}
vms:
  - name: A
    memory_startup: 8GB
    disk: {parent: 'D:\images\ws2022.vhdx'}
    guest: {os: windows, credential: c}
    forwarding: true
    routes: [{to: 10.50.0.0/16, via: 192.0.2.77}]
    network_adapters:
      - {name: One, switch: Up, ip_address: 192.0.2.50/24, gateway: 192.0.2.1, interface_metric: 10}
      - {name: Two, switch: P, ip_address: 10.3.0.1/24, mac_address: '00-15-5D-01-02-03'}
      - {name: Three, switch: Up, dhcp: true}
    nested:
      switches:
        - {name: In, switch_type: External, net_adapter: Two, allow_management_os: false}
        - {name: N, switch_type: Internal, ip_address: 10.9.0.1/24, nat: 10.9.0.0/24, dhcp: {range: 10.9.0.50-10.9.0.60}}
      vms:
        - {name: L, memory_startup: 1GB, guest: {os: linux}, disk: {size: 20GB}, network_adapters: [{switch: N, dhcp: true}]}
  - {name: Z, state: 'Off', memory_startup: 1GB}
"""


def test_everything_at_once_converges_and_goes_away_again(host, journal):
    def world():
        return {
            key: value
            for key, value in host.simulated_host.world.to_dict().items()
            if key != "clock"
        }

    before = world()
    lab = nestlab.Lab(nestlab.loads(EVERYTHING), host, journal)
    assert [str(result) for result in lab.apply() if not result.ok] == []
    # A client has no DHCP server.
    assert str(lab.plan()).startswith("Nothing to do, but sim:ws2022-intel differs from mix: the w")
    assert all(result.ok for result in lab.destroy())
    assert world() == before


def test_a_check_says_first_whether_the_lab_fits_and_folds_the_notes_about_the_host():
    topology = nestlab.load(TOPOLOGIES / "nat-lab.yml")
    found = nestlab.Lab(topology, nestlab.connect()).check()
    page = found._repr_html_()
    assert found.verdict == "nat-lab fits on HV01 (sim:ws2022-intel)."
    assert (
        found.memory
        == "Its VMs on the host start with 8 GB of memory; 58 GB of 64 GB are free now."
    )
    assert f"<b>✓ {found.verdict}</b><br>{found.memory}</p><details>" in page
    assert "22 notes about the host</summary>" in page
    large = nestlab.loads("name: lab\nvms: [{name: a, memory_startup: 900GB}]\n")
    refused = nestlab.Lab(large, nestlab.connect()).check()
    page = refused._repr_html_()
    assert "<b>✗ lab does not fit on HV01 (sim:ws2022-intel). 1 error, 22 notes.</b>" in page
    assert page.index("memory-not-enough") < page.index("notes about the host")
