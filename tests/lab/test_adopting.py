"""`nestlab adopt` marks what equals the file, only when asked, and takes the mark back byte for byte."""

import shutil

import pytest

import nestlab
from nestlab.cli import main
from nestlab.errors import GuestCredentialRefused, PlanRefused, UsageError
from nestlab.model import HOST, Size, SwitchParameter
from nestlab.plan import RefusedCredential
from nestlab.plan.adopting import plan_adopt
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from tests.lab.foreign_hosts import NOTES, foreign_host, notes_of, run, world
from tests.transport.doors import CLOCK_RATE, options

TWO_LEVELS = r"""
name: two-levels
switches: [{name: Lan, switch_type: Internal, ip_address: 10.7.0.1/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {parent: 'D:\images\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Lan, ip_address: 10.7.0.2/24}]
    nested:
      switches: [{name: Inner, switch_type: Private}]
      vms: [{name: web1, memory_startup: 1GB, network_adapters: [{switch: Inner}]}]
"""
NAMES = ("host: switch Lan", "host: VM HV1", "HV1: switch Inner", "HV1: VM web1")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A foreign host with a nested host: its capture, which has a name of its own, and its state."""
    folder = tmp_path_factory.mktemp("foreign")
    host = foreign_host(nestlab.loads(TWO_LEVELS), f"sim:ws2022-intel?state={folder / 'host.json'}")
    only = nestlab.capture(host, only=["HV1"], credential="lab-admin", name="mine")
    nestlab.save(only, folder / "mine.yml")
    return folder


@pytest.fixture
def place(found, tmp_path, monkeypatch):
    """A folder with a copy of both, and with the journals."""
    for name in ("host.json", "mine.yml"):
        shutil.copy(found / name, tmp_path / name)
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    return tmp_path


@pytest.fixture
def host(place):
    return nestlab.connect(f"sim:ws2022-intel?state={place / 'host.json'}")


@pytest.fixture
def lab(place, host):
    return nestlab.Lab(nestlab.load(place / "mine.yml"), host, place / "journal.jsonl")


def adopted(lab, **options):
    results = list(lab.adopt(**options))
    assert [str(result) for result in results if not result.ok] == []
    return [result.step.id for result in results]


def reasons(plan):
    return {item.subject: item.message for item in plan.warnings}


def test_every_level_is_marked_and_nothing_else_changes(lab, host):
    plan = lab.plan_adopt()
    assert [f"{'/'.join(step.machine) or 'host'}: {step.target}" for step in plan.steps] == [
        *(name.replace("VM", "vm") for name in NAMES)
    ]
    names = {stage.name for step in plan.steps for each in step.cmdlets for stage in each.stages}
    assert names == {"Get-VM", "Get-VMSwitch", "Set-VM", "Set-VMSwitch"}
    assert plan.warnings == ()
    adopted(lab)
    assert notes_of(host)["HV1"] == f"{NOTES.rstrip()}\nnestlab:mine"
    assert notes_of(host)["dc-archive"].endswith("Ask Grace before touching.")
    inside = host.guest("HV1", "lab-admin")
    assert notes_of(inside, "VMSwitch")["Inner"].endswith("\nnestlab:mine")
    assert lab.plan().is_empty
    assert "has the mark" in " ".join(item.why for item in lab.plan().unchanged)
    assert adopted(lab) == []


def test_undo_takes_the_marks_back_byte_for_byte(lab, host):
    before = world(host)
    adopted(lab)
    assert world(host) != before
    assert [str(result) for result in lab.undo() if not result.ok] == []
    assert world(host) == before


def test_what_was_adopted_is_removed_by_destroy_and_its_disk_stays(lab, host):
    adopted(lab)
    disks = [vm.boot_disk for vm in host.simulated_host.world.host.hyper_v.vms]
    assert [str(result) for result in lab.destroy() if not result.ok] == []
    assert "HV1" not in notes_of(host)
    assert "dc-archive" in notes_of(host)
    files = host.simulated_host.world.host.files
    assert [disk for disk in disks if disk.lower() not in files] == []


def test_a_part_is_adopted_by_name_and_by_machine_path(lab, host):
    assert reasons(lab.plan_adopt(only=["HV1/web1"])) == {
        "VM HV1/web1": "HV1, which it is in, is not this topology's"
    }
    assert adopted(lab, only=["hv1"]) == ["host:adopt-vm:HV1"]
    assert adopted(lab, only=["HV1/web1", "lan"]) == [
        "host:adopt-switch:Lan",
        "HV1:adopt-vm:web1",
    ]
    with pytest.raises(UsageError, match="mine has no VM or switch nope, HV9"):
        lab.plan_adopt(only=["nope", "HV1", "HV9"])


def two_of_one_name(host):
    new = {"Name": "HV1", "MemoryStartupBytes": Size.parse("1GB"), "NoVHD": SwitchParameter.ON}
    run(host, "New-VM", **new)


def marked_by(owner):
    return lambda host: run(host, "Set-VM", Name="HV1", Notes=f"nestlab:{owner}")


REASONS = {
    "2 VMs have this name": two_of_one_name,
    "it differs from the file: Disable MAC address spoofing": lambda host: run(
        host, "Set-VMNetworkAdapter", VMName="HV1", MacAddressSpoofing="On"
    ),
    "it belongs to the topology other": marked_by("other"),
    "it carries the marks of mine and other": marked_by("mine nestlab:other"),
    "it differs from the file: Windows in HV1 does not answer": lambda host: (
        run(host, "Stop-VM", Name="HV1", TurnOff=SwitchParameter.ON),
        run(host, "Start-VM", Name="HV1"),
    ),
}


@pytest.mark.parametrize("reason", REASONS)
def test_what_cannot_be_adopted_is_listed_with_the_reason_and_stays(lab, host, reason):
    REASONS[reason](host)
    before = notes_of(host)["HV1"]
    plan = lab.plan_adopt()
    assert reason in reasons(plan)["VM HV1"]
    assert [step.target.name for step in plan.steps] == ["Lan"]
    assert adopted(lab) == ["host:adopt-switch:Lan"]
    assert notes_of(host)["HV1"] == before


def test_what_does_not_exist_or_is_an_existing_switch_of_the_file_is_only_told(host):
    text = "name: mine\nswitches: [{name: Lan, existing: true}]\nvms: [{name: new, state: Off}]"
    plan = nestlab.Lab(nestlab.loads(text), host).plan_adopt()
    assert (plan.steps, plan.warnings) == ((), ())
    assert [item.why for item in plan.unchanged] == [
        "the file uses it as an existing switch, which stays with its owner",
        "it does not exist; `nestlab apply` creates it",
    ]


SERVED = """
name: served
switches: [{name: Lan, switch_type: Internal, ip_address: 10.8.0.1/24, nat: 10.8.0.0/24, dhcp: {range: 10.8.0.50-10.8.0.60}}]
"""


def test_a_switch_with_a_nat_or_a_scope_of_others_waits_for_these():
    topology = nestlab.loads(SERVED)
    host = foreign_host(topology)
    lab = nestlab.Lab(topology, host)
    assert lab.plan().is_empty
    (found,) = lab.plan_adopt().warnings
    assert "its NAT Nat of Lan has no Notes for a mark" in found.message
    run(host, "Remove-NetNat", Name="Nat of Lan", Confirm=SwitchParameter.OFF)
    without = nestlab.loads(SERVED.replace("nat: 10.8.0.0/24, ", ""))
    (found,) = nestlab.Lab(without, host).plan_adopt().warnings
    assert "its DHCP scope Scope of Lan" in found.message
    # The hints say how it is done.
    name = found.hint.split("-Name '")[1].split("'")[0]
    run(host, "Set-DhcpServerv4Scope", ScopeId="10.8.0.0", Name=name)
    assert [str(r) for r in nestlab.Lab(without, host).adopt() if not r.ok] == []
    assert [str(r) for r in lab.apply() if not r.ok] == []
    assert lab.plan().is_empty


def test_a_switch_that_a_new_vm_of_the_file_needs_is_adopted(host):
    """The switch is as the file says; that more is connected to it does not change that."""
    text = """
name: mine
switches: [{name: Lan, switch_type: Internal, ip_address: 10.7.0.1/24}]
vms: [{name: new, state: Off, network_adapters: [{switch: Lan}]}]
"""
    lab = nestlab.Lab(nestlab.loads(text), host)
    with pytest.raises(PlanRefused):
        lab.plan()
    assert reasons(lab.plan_adopt()) == {}
    adopted(lab)
    assert {step.target.name for step in lab.plan().steps} == {"new"}


def test_a_guest_that_was_not_read_is_said_before_consent(place, host):
    outside = nestlab.capture(host, only=["HV1"], name="mine")
    (step,) = (s for s in nestlab.Lab(outside, host).plan_adopt().steps if s.target.name == "HV1")
    assert "what is inside is not known" in step.why


def test_a_guest_that_refuses_its_credential_is_said_to_do_so(lab):
    error = GuestCredentialRefused("HV1", "HV1 refuses the account Ada.", hint="Correct it.")
    states = {HOST: lab.plan_adopt().states[HOST]}
    plan = plan_adopt(lab.topology, states, refused={("HV1",): RefusedCredential(error)})
    found = {item.subject: item for item in plan.warnings}
    for subject in ("VM HV1", "switch HV1/Inner", "VM HV1/web1"):
        assert "HV1 refuses the account Ada." in found[subject].message
        assert found[subject].hint == "Correct it."


def rewritten(host, text):
    run(host, "Set-VM", Name="HV1", Notes=text)


def test_notes_that_somebody_changes_in_between_are_kept(lab, host):
    plan = lab.plan_adopt(only=["HV1"])

    def meanwhile(_step):
        rewritten(host, "Moved to rack 7")
        return True

    (result,) = lab.adopt(plan, only=["HV1"], confirm=meanwhile)
    assert "the Notes of HV1 have changed since" in result.message
    assert notes_of(host)["HV1"] == "Moved to rack 7"


def test_notes_that_somebody_changes_after_adoption_are_kept_by_undo(lab, host):
    adopted(lab, only=["HV1"])
    rewritten(host, "Moved to rack 7\nnestlab:mine")
    (result,) = lab.undo()
    assert result.status == "skipped"
    assert "remove the line nestlab:mine by hand" in result.message
    assert notes_of(host)["HV1"] == "Moved to rack 7\nnestlab:mine"


def test_a_run_that_ends_half_way_is_continued(lab, host):
    taken = iter(lab.adopt())
    assert next(taken).ok
    taken.close()
    assert len(adopted(lab)) == 3
    assert lab.plan_adopt().is_empty


def test_what_others_have_joins_no_lab_that_nestlab_built_unless_it_is_named(tmp_path, monkeypatch):
    """A capture of a whole host with one lab has the name of that lab."""
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    host = nestlab.connect()
    built = nestlab.loads(TWO_LEVELS.partition("  - name: HV1")[0] + "  - {name: v, state: Off}")
    assert [str(r) for r in nestlab.Lab(built, host).apply() if not r.ok] == []
    lab = nestlab.Lab(nestlab.capture(host), host)
    assert {vm.name for vm in lab.topology.vms} == {"dc-archive", "build-agent", "sql-test", "v"}
    plan = lab.plan_adopt()
    assert plan.steps == ()
    for name in ("dc-archive", "build-agent", "sql-test"):
        said = reasons(plan)[f"VM {name}"]
        assert (
            "it would become part of two-levels, which nestlab built here (switch Lan, VM v)"
            in said
        )
    assert adopted(lab, only=["sql-test"]) == ["host:adopt-vm:sql-test"]
    assert lab.plan_adopt().steps == ()
    other = nestlab.Lab(nestlab.capture(host, only=["build-agent"], name="mine"), host)
    assert "host:adopt-vm:build-agent" in adopted(other)


def test_a_host_that_cannot_be_read_in_full_is_refused():
    host = nestlab.connect("sim:no-role")
    with pytest.raises(PlanRefused, match="Hyper-V does not answer"):
        nestlab.Lab(nestlab.loads(TWO_LEVELS), host).plan_adopt()


# -- the command line


def command(place, *arguments):
    state = f"sim:ws2022-intel?state={place / 'host.json'}"
    return main(["adopt", str(place / "mine.yml"), "--host", state, *arguments])


def test_without_consent_nothing_is_adopted(place, host, capsys, monkeypatch):
    assert command(place) == 2
    assert "add --yes" in capsys.readouterr().err
    monkeypatch.setattr("nestlab.cli.console.Console.can_ask", True)
    monkeypatch.setattr("sys.stdin.readline", lambda: "n\n", raising=False)
    assert command(place) == 130 or "Nothing was adopted" in capsys.readouterr().err
    assert "nestlab:" not in notes_of(host)["HV1"]


def test_the_command_shows_cmdlets_adopts_and_undo_takes_it_back(place, host, capsys):
    assert command(place, "--yes") == 0
    said = capsys.readouterr().out
    assert "Set-VM -Notes" in said
    assert "Set-VMSwitch -Notes" in said
    assert "4 steps, all succeeded." in said
    state = f"sim:ws2022-intel?state={place / 'host.json'}"
    assert main(["undo", "--yes", "--host", state]) == 0
    assert notes_of(nestlab.connect(state))["HV1"] == NOTES


def test_the_exit_code_says_that_something_was_not_adopted(place, capsys):
    host = nestlab.connect(f"sim:ws2022-intel?state={place / 'host.json'}")
    marked_by("other")(host)
    assert command(place, "--yes", "--only", "HV1") == 1
    said = capsys.readouterr().out
    assert "Warning: " in said
    assert "it belongs to the topology other" in said
    assert "Nothing to adopt for mine" in said
    assert command(place, "--only", "nope") == 2


@pytest.mark.parametrize("way", ["plan", "drift"])
def test_a_name_clash_says_how_to_adopt(place, capsys, way):
    host = nestlab.connect(f"sim:ws2022-intel?state={place / 'host.json'}")
    run(host, "Set-VMNetworkAdapter", VMName="HV1", MacAddressSpoofing="On")
    state = f"sim:ws2022-intel?state={place / 'host.json'}"
    assert main([way, str(place / "mine.yml"), "--host", state]) == 1
    said = capsys.readouterr()
    assert "MAC address spoofing" in said.out + said.err


def test_a_foreign_host_is_captured_planned_and_adopted_over_the_wire(tmp_path):
    with serve(SimulatedHost.from_scenario("ws2022-intel"), clock_rate=CLOCK_RATE) as served:
        host = nestlab.connect(served.address, **options(served))
        captured = nestlab.capture(host)
        lab = nestlab.Lab(captured, host, tmp_path / "journal.jsonl")
        before = notes_of(host)
        assert lab.plan().is_empty
        assert len(adopted(lab)) == 3
        assert notes_of(host)["sql-test"] == f"{before['sql-test']}\nnestlab:HV01"
        assert [str(result) for result in lab.undo() if not result.ok] == []
        assert notes_of(host) == before
