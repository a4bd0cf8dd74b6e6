"""What gave way when nestlab was tried by hand, input by input: silence, endless waits, and names at two levels."""

from ipaddress import IPv4Interface

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet, Size
from tests.lab.comparer import differences

SWITCH = "switches: [{name: A, switch_type: Internal, ip_address: 10.1.0.1/24, nat: 10.1.0.0/24}]"
WINDOWS = "disk: {image: ws2022}, guest: {os: windows, credential: c}"
IMAGES = r"images: {ws2022: {path: 'D:\images\ws2022.vhdx'}}"
PLAIN = f"""
name: lab
{IMAGES}
{SWITCH}
vms:
  - {{name: web, {WINDOWS}, network_adapters: [{{switch: A, ip_address: 10.1.0.11/24, gateway: 10.1.0.1, dns_servers: [1.1.1.1]}}]}}
"""
NESTED = f"""
name: lab
{IMAGES}
{SWITCH}
vms:
  - name: HV
    memory_startup: 8GB
    disk: {{image: ws2022}}
    guest: {{os: windows, credential: c}}
    network_adapters: [{{switch: A, ip_address: 10.1.0.10/24, gateway: 10.1.0.1}}]
    nested:
      switches: [{{name: B, switch_type: Internal, ip_address: 10.2.0.1/24, nat: 10.2.0.0/24}}]
      vms:
        - {{name: web, {WINDOWS}, network_adapters: [{{switch: B, ip_address: 10.2.0.11/24, gateway: 10.2.0.1}}]}}
"""


@pytest.fixture
def host():
    return nestlab.connect()


def applied(text, host, tmp_path):
    lab = nestlab.Lab(nestlab.loads(text), host, tmp_path / "first.jsonl")
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert lab.plan().is_empty
    return lab


def edited(text, host, tmp_path):
    return nestlab.Lab(nestlab.loads(text), host, tmp_path / "second.jsonl")


def ends_as_wanted(lab, host, **consent):
    assert [str(result) for result in lab.apply(lab.plan(**consent)) if not result.ok] == []
    after = lab.plan()
    assert (after.steps, after.deferred, after.remainder) == ((), (), ())
    assert differences(lab.topology, host.simulated_host.world.host, lab.journal) == []


@pytest.mark.parametrize("text", [PLAIN, NESTED], ids=["on the host", "nested host"])
def test_a_running_vm_that_is_to_be_off_is_stopped_and_nobody_waits_for_its_windows(
    text, host, tmp_path
):
    name = "web" if text is PLAIN else "HV"
    applied(text, host, tmp_path)
    lab = edited(
        text.replace(
            f"name: {name}",
            f"name: {name}, state: 'Off'" if text is PLAIN else f"name: {name}\n    state: 'Off'",
            1,
        ),
        host,
        tmp_path,
    )
    plan = lab.plan()
    assert [step.action for step in plan.steps] == ["stop-vm"]
    assert plan.deferred == ()
    assert {item.machine[0] for item in plan.out_of_reach} == {name}
    ends_as_wanted(lab, host)


def test_a_vm_in_a_nested_host_that_is_to_be_off_is_stopped_and_nobody_waits(host, tmp_path):
    applied(NESTED, host, tmp_path)
    lab = edited(NESTED.replace("{name: web,", "{name: web, state: 'Off',"), host, tmp_path)
    assert [(step.machine, step.action) for step in lab.plan().steps] == [(("HV",), "stop-vm")]
    ends_as_wanted(lab, host)


@pytest.mark.parametrize(
    ("old", "new", "action"),
    [
        pytest.param(
            "ip_address: 10.1.0.11/24, gateway: 10.1.0.1, dns_servers: [1.1.1.1]",
            "dhcp: true",
            "set-dhcp",
            id="address to DHCP",
        ),
        pytest.param(
            "ip_address: 10.1.0.11/24, gateway: 10.1.0.1, dns_servers: [1.1.1.1]",
            "connected: true",
            "set-dhcp",
            id="address",
        ),
        pytest.param(
            "gateway: 10.1.0.1, dns_servers", "dns_servers", "remove-gateway", id="gateway"
        ),
        pytest.param(", dns_servers: [1.1.1.1]", "", "set-dns-servers", id="DNS servers"),
        pytest.param(", nat: 10.1.0.0/24", "", "remove-nat", id="NAT"),
        pytest.param(
            "disk: {image: ws2022}, guest: {os: windows, credential: c}, ",
            "",
            "detach-disk",
            id="disk",
        ),
    ],
)
def test_what_the_file_no_longer_says_is_undone(old, new, action, host, tmp_path):
    applied(PLAIN, host, tmp_path)
    assert old in PLAIN
    lab = edited(PLAIN.replace(old, new), host, tmp_path)
    assert action in [step.action for step in lab.plan().steps]
    ends_as_wanted(lab, host, prune=True)


@pytest.mark.parametrize(
    ("text", "old", "subjects"),
    [
        pytest.param(PLAIN, PLAIN[PLAIN.index("vms:") :], ["VM web"], id="a VM"),
        pytest.param(
            PLAIN.replace(", switch: A", ""),
            SWITCH,
            ["NAT nestlab.lab.A", "switch A"],
            id="a switch",
        ),
        pytest.param(
            NESTED, NESTED[NESTED.index("      vms:") :], ["VM web"], id="a VM in a nested host"
        ),
    ],
)
def test_what_the_file_no_longer_names_is_listed_and_pruned(text, old, subjects, host, tmp_path):
    applied(text, host, tmp_path)
    left = (
        text.replace(old, "").replace("switch: A, ", "") if old == SWITCH else text.replace(old, "")
    )
    lab = edited(left, host, tmp_path)
    plan = lab.plan()
    assert [item.subject for item in plan.remainder] == subjects
    ends_as_wanted(lab, host, prune=True)


def test_a_vm_that_was_renamed_is_a_new_one_and_the_plan_says_who_has_its_address(host, tmp_path):
    applied(PLAIN, host, tmp_path)
    lab = edited(PLAIN.replace("name: web", "name: web2"), host, tmp_path)
    (left,) = lab.plan().remainder
    assert "10.1.0.11, which the file gives to web2" in left.holds
    ends_as_wanted(lab, host, prune=True)


def test_a_vm_that_moves_into_a_nested_host_leaves_a_remainder_where_it_was(host, tmp_path):
    outside = NESTED.replace("{name: web,", "{name: other,") + f"  - {{name: web, {WINDOWS}}}\n"
    applied(outside, host, tmp_path)
    lab = edited(NESTED, host, tmp_path)
    plan = lab.plan()
    assert [(item.machine, item.subject) for item in plan.remainder] == [
        ((), "VM web"),
        (("HV",), "VM other"),
    ]
    ends_as_wanted(lab, host, prune=True)


@pytest.mark.parametrize(
    ("change", "guest"), [("generation: 1", "none"), ("version: '9.0'", "windows")]
)
def test_what_cannot_change_is_refused_and_recreated_when_asked(change, guest, host, tmp_path):
    before = PLAIN.replace("os: windows, credential: c", "os: none") if guest == "none" else PLAIN
    applied(before, host, tmp_path)
    lab = edited(before.replace("name: web,", f"name: web, {change},"), host, tmp_path)
    with pytest.raises(PlanRefused, match="--recreate web") as caught:
        lab.plan()
    lines = lab.topology.origin.text.splitlines()
    for finding in caught.value.findings:
        line = int(finding.location.rsplit(":", 2)[1])
        assert "name: web," in lines[line - 1]
    assert "cannot-change" in {finding.code for finding in lab.check()}
    ends_as_wanted(lab, host, recreate=["web"])


@pytest.mark.parametrize(
    "adapter", ["ip_address: 10.9.0.5/24", "switch: A, ip_address: 10.9.0.5/24, connected: false"]
)
def test_a_disconnected_adapter_gets_its_address(adapter, host, tmp_path):
    lab = edited(
        f"name: lab\n{IMAGES}\n{SWITCH}\nvms: [{{name: a, {WINDOWS}, network_adapters: [{{{adapter}}}]}}]",
        host,
        tmp_path,
    )
    ends_as_wanted(lab, host)
    assert IPv4Interface("10.9.0.5/24") in lab.observe()["a",].ip_interfaces[0].ip_addresses


def test_processors_inside_are_known_before_anything_is_built_and_go_by_the_file(host, tmp_path):
    more = NESTED.replace("{name: web,", "{name: web, processor_count: 3,")
    with pytest.raises(PlanRefused, match="processors-not-enough"):
        edited(more, host, tmp_path).plan()
    applied(NESTED, host, tmp_path)
    ends_as_wanted(
        edited(
            more.replace("memory_startup: 8GB", "memory_startup: 8GB\n    processor_count: 4"),
            host,
            tmp_path,
        ),
        host,
    )


def test_memory_inside_goes_by_the_file(host, tmp_path):
    applied(NESTED, host, tmp_path)
    more = NESTED.replace("memory_startup: 8GB", "memory_startup: 16GB").replace(
        "{name: web,", "{name: web, memory_startup: 12GB,"
    )
    lab = edited(more, host, tmp_path)
    assert lab.topology.vms[0].vms[0].memory_startup == Size.parse("12GB")
    ends_as_wanted(lab, host)


def test_a_name_at_two_levels_means_the_vm_on_the_host_everywhere(host, tmp_path):
    text = (
        NESTED
        + f"  - {{name: web, {WINDOWS}, network_adapters: [{{switch: A, ip_address: 10.1.0.11/24, gateway: 10.1.0.1}}]}}\n"
    )
    lab = applied(
        text
        + "checks: [{from: web, to: host, expect: reachable}, {from: HV/web, to: web, expect: reachable}]\n",
        host,
        tmp_path,
    )
    trace = nestlab.trace(lab.topology, "web", "HV")
    assert (trace.status, str(trace.source)) == ("reachable", "web")
    assert [result.method for result in lab.verify()] == ["ping", "ping"]
    assert lab.verify().ok
    found = nestlab.validate(lab.topology)
    assert {finding.code for finding in found} <= {
        "name-at-two-levels",
        "guest-without-name-server",
    }
    (finding,) = (finding for finding in found if finding.code == "name-at-two-levels")
    assert "the same for check 2" in finding.message


def test_a_guest_that_is_not_to_answer_pings_does_not_and_does_again(host, tmp_path):
    text = PLAIN + "checks: [{from: host, to: web, expect: reachable}]\n"
    applied(text, host, tmp_path)
    silent = edited(
        text.replace("name: web,", "name: web, answers_ping: false,").replace(
            "reachable", "unreachable"
        ),
        host,
        tmp_path,
    )
    (step,) = silent.plan().steps
    assert (step.machine, step.action) == (("web",), "drop-ping")
    ends_as_wanted(silent, host)
    assert silent.verify().ok
    again = edited(text, host, tmp_path)
    assert [str(cmdlet) for step in again.plan().steps for cmdlet in step.cmdlets] == [
        "Remove-NetFirewallRule -Name 'nestlab.echo-request'"
    ]
    ends_as_wanted(again, host)
    assert again.verify().ok


def test_a_guest_whose_windows_drops_pings_gets_a_rule_that_lets_them_in(host, tmp_path):
    lab = applied(PLAIN, host, tmp_path)
    host.guest("web", "c").run(Cmdlet("Disable-NetFirewallRule", {"Name": "FPS-ICMP4-ERQ-In"}))
    assert [step.action for step in lab.plan().steps] == ["answer-ping"]
    ends_as_wanted(lab, host)
    assert lab.plan().is_empty


def test_undo_takes_the_rule_of_the_firewall_back(host, tmp_path):
    applied(PLAIN, host, tmp_path)
    lab = edited(PLAIN.replace("name: web,", "name: web, answers_ping: false,"), host, tmp_path)
    ends_as_wanted(lab, host)
    assert [result.status for result in lab.undo()] == ["done"]
    assert differences(nestlab.loads(PLAIN), host.simulated_host.world.host) == []


def test_a_disk_comes_off_one_vm_before_another_gets_it(tmp_path):
    vm = "  - {{name: {}, memory_startup: 1GB, guest: {{os: none}}, disk: {{{}}}}}\n"
    host, disk = nestlab.connect(), r"path: 'D:\own\moved.vhdx'"
    host.run(Cmdlet("New-VHD", {"Path": r"D:\own\moved.vhdx", "SizeBytes": 1 << 30}))
    for first, second in (("size: 1GB", disk), (disk, "size: 2GB")):
        text = "name: moved\nvms:\n" + vm.format("v1", first) + vm.format("v2", second)
        (tmp_path / "moved.yml").write_text(text, encoding="utf-8")
        lab = nestlab.Lab(nestlab.load(tmp_path / "moved.yml"), host, tmp_path / "journal.jsonl")
        assert [str(result) for result in lab.apply() if not result.ok] == []
        assert lab.plan().is_empty
