"""Law: whatever others add to a host before, during and after an apply is, after undo or destroy, what it was.

`NESTLAB_FOREIGN_CASES` sets how many random cases are tried.
"""

import contextlib
import os

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.dataclass_json import encode

CASES = int(os.environ.get("NESTLAB_FOREIGN_CASES", "40"))
FOLDER = r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks"
LAB = """
name: lab
switches:
  - {name: Lan, switch_type: Internal, ip_address: 10.7.0.1/24, nat: 10.7.0.0/24}
  - {name: Side, switch_type: Private}
vms:
  - {name: web, state: Off, disk: {size: 10GB}, network_adapters: [{switch: Lan}, {name: two, switch: Side}]}
  - {name: app, state: Off, processor_count: 4, disk: {parent: 'D:\\images\\ws2022.vhdx'}, network_adapters: [{switch: Lan}]}
"""


class Others:
    """Other people on the host: what they make is theirs."""

    def __init__(self, host):
        self.host = host
        self.count = 0

    def run(self, name, pipe=None, **parameters):
        return self.host.run(Cmdlet(name, parameters, pipe)).records

    def vm(self, name, notes="", **parameters):
        disk = {} if "VHDPath" in parameters else {"NoVHD": SwitchParameter.ON}
        made = self.run(
            "New-VM",
            Name=name,
            Generation=2,
            MemoryStartupBytes=Size.parse("1GB"),
            **disk,
            **parameters,
        )
        if notes:
            self.run("Get-VM", Cmdlet("Set-VM", {"Notes": notes}), Id=made[0]["Id"])
        return made[0]

    def checkpoint(self, vm):
        self.run("Get-VM", Cmdlet("Checkpoint-VM"), Id=vm["Id"])

    def act(self, what, of):
        """Do something on the host beside the VM `of` of the lab, where that is possible now."""
        self.count += 1
        with contextlib.suppress(nestlab.NestlabError):
            DEEDS[what](
                self, of, rf"{FOLDER}\nestlab.lab.{of}.vhdx", {"web": "Side", "app": "Lan"}[of]
            )

    def checkpoint_ours(self, name):
        for vm in self.run("Get-VM", Name=name):
            if vm["Notes"] == "nestlab:lab":
                self.checkpoint(vm)

    def child(self, disk):
        path = rf"D:\child{self.count}.vhdx"
        self.run("New-VHD", Path=path, ParentPath=disk, Differencing=SwitchParameter.ON)
        return self.vm(f"child{self.count}", VHDPath=path)


DEEDS = {
    "a VM of the name": lambda o, of, _disk, _switch: o.vm(of),
    "a VM of another topology": lambda o, of, _disk, _switch: o.vm(of, notes="nestlab:other"),
    "a VM with two marks": lambda o, _of, _disk, _switch: o.vm(
        f"both{o.count}", notes="nestlab:lab nestlab:other"
    ),
    "a switch of the name": lambda o, _of, _disk, switch: o.run(
        "New-VMSwitch", Name=switch, SwitchType="Private"
    ),
    "a child of the disk": lambda o, _of, disk, _switch: o.child(disk),
    "a child with a checkpoint": lambda o, _of, disk, _switch: o.checkpoint(o.child(disk)),
    "the disk itself": lambda o, _of, disk, _switch: o.vm(f"on{o.count}", VHDPath=disk),
    "the disk itself with a checkpoint": lambda o, _of, disk, _switch: o.checkpoint(
        o.vm(f"on{o.count}", VHDPath=disk)
    ),
    "an adapter on the switch": lambda o, _of, _disk, switch: o.vm(
        f"beside{o.count}", SwitchName=switch
    ),
    "the machine on the switch": lambda o, _of, _disk, switch: o.run(
        "Add-VMNetworkAdapter",
        ManagementOS=SwitchParameter.ON,
        SwitchName=switch,
        Name=f"Backup{o.count}",
    ),
    "a checkpoint of ours": lambda o, of, _disk, _switch: o.checkpoint_ours(of),
}
FEW = st.lists(
    st.tuples(st.sampled_from(sorted(DEEDS)), st.sampled_from(["web", "app"])), max_size=3
)


def foreign(host):
    """Return all that is not the lab's, as the host's state file has it, and whether each chain of disks of others fits."""
    machine = host.simulated_host.world.host
    hyper_v = machine.hyper_v
    vms = {vm.id: vm for vm in hyper_v.vms if vm.settings.notes != "nestlab:lab"}
    paths = {
        file
        for vm in vms.values()
        for kept in (vm.settings, *(s.settings for s in vm.snapshots))
        for drive in kept.drives
        for file in disk_files.chain(machine, drive.path)
    }
    files = {
        key: file
        for key, file in machine.files.items()
        if "nestlab.lab." not in key or key in paths
    }
    return {
        **{f"vm {key}": encode(vm) for key, vm in vms.items()},
        **{
            f"switch {switch.id}": encode(switch)
            for switch in hyper_v.switches
            if switch.notes != "nestlab:lab"
        },
        **{
            f"adapter {adapter.id}": encode(adapter)
            for adapter in hyper_v.management_adapters
            if adapter.name.startswith("Backup")
        },
        **{f"file {key}": encode(file) for key, file in files.items()},
        **{f"chain {path}": disk_files.mismatched_disk(machine, path) for path in paths},
    }


def steps(results, others, deeds):
    """Take results to the end, and let others do something after each step."""
    left = list(deeds)
    for _ in results:
        if left:
            others.act(*left.pop(0))


# A case takes half a second, so that making a failing one smaller would take minutes.
@settings(
    max_examples=CASES,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(before=FEW, during=FEW, after=FEW, meanwhile=FEW, way=st.sampled_from(["undo", "destroy"]))
def test_what_others_have_is_what_it_was(tmp_path_factory, before, during, after, meanwhile, way):
    host, folder = nestlab.connect(), tmp_path_factory.mktemp("lab")
    host.simulated_host.world.quirks.duplicate_switch_names = True
    (folder / "lab.yml").write_text(LAB, encoding="utf-8")
    lab, others = (
        nestlab.Lab(nestlab.load(folder / "lab.yml"), host, journal=folder / "journal.jsonl"),
        Others(host),
    )
    for deed in before:
        others.act(*deed)
    theirs = foreign(host)
    with contextlib.suppress(nestlab.NestlabError):
        steps(lab.apply(), others, during)
    for deed in after:
        others.act(*deed)
    theirs = {**foreign(host), **theirs}
    with contextlib.suppress(nestlab.NestlabError):
        for _ in getattr(lab, way)():
            if meanwhile:
                others.act(*meanwhile.pop(0))
                theirs = {**foreign(host), **theirs}
    now = foreign(host)
    assert {
        key: (value, now.get(key)) for key, value in theirs.items() if now.get(key) != value
    } == {}
