"""Troubles beside the well-known ones: each is a finding with its way out, or an error that is explained."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet
from nestlab.simulator.faults import Fault
from tests.rules.test_problems import INSIDE, NESTED, made, refused
from tests.rules.test_problems_of_networks import BEHIND_NAT
from tests.rules.troubles import EXPOSE, Row, on, processor


def a_checkpoint():
    return on(
        "sim:ws2022-intel",
        processor("dc-archive", **EXPOSE),
        Cmdlet("Checkpoint-VM", {"Name": "dc-archive"}),
    )


def a_running_l2():
    scene = made(BEHIND_NAT)
    scene.host.wait(900)
    return scene


def another_host(address, because):
    def mend(scene, _finding):
        scene.host = nestlab.connect(address)

    return {"mend": mend, "because": because}


def a_hidden_nat():
    scene = on("sim:busy-host")
    scene.world.host.nats.clear()
    return scene


def docker_uninstalled(scene, finding):
    assert "have the program that holds the NAT remove it" in finding.hint
    scene.world.quirks.hidden_nats.clear()
    scene.world.host.features.pop("Containers", None)
    scene.world.host.services["hns"] = "Stopped"
    scene.host.run(
        Cmdlet(
            "New-NetNat", {"Name": "Lab", "InternalIPInterfaceAddressPrefix": "192.168.100.0/24"}
        )
    )


def no_nesting_at_boot():
    scene = on("sim:ws2022-intel")
    scene.world.quirks.hypervisor_load_options = "OFFERNESTEDVIRT=FALSE"
    return scene


def option_deleted(scene, finding):
    assert "bcdedit /deletevalue hypervisorloadoptions" in finding.hint
    scene.world.quirks.hypervisor_load_options = ""


def no_execution_prevention():
    scene = on("sim:firmware-off")
    scene.world.quirks.data_execution_prevention = False
    return scene


def one_renamed(scene, finding):
    assert "Rename-VM" in finding.hint
    name = finding.subject.removeprefix("VM ")
    first = next(vm for vm in scene.world.host.hyper_v.vms if vm.name.casefold() == name.casefold())
    scene.host.run(Cmdlet("Get-VM", {"Id": first.id}, Cmdlet("Rename-VM", {"NewName": "other"})))


ROWS = {
    "a NAT that is not shown": Row(
        "New-NetNat: the parameter is incorrect, and Get-NetNat shows none",
        "nat-may-be-hidden",
        a_hidden_nat,
        docker_uninstalled,
        because="it belongs to Docker or WSL, whose own programs take it away",
    ),
    "nesting is forbidden at boot": Row(
        "nothing nests",
        "boot-option-forbids",
        no_nesting_at_boot,
        option_deleted,
        because="bcdedit is a program, no cmdlet",
    ),
    "no data execution prevention": Row(
        "the hypervisor does not start",
        "execution-prevention-off",
        no_execution_prevention,
        **another_host(
            "sim:no-role", "the firmware is set at its own screen, and the host starts anew"
        ),
    ),
    "another hypervisor below": Row(
        "it works, and nobody supports it",
        "host-is-virtual",
        lambda: on("sim:kvm-guest"),
        **another_host("sim:ws2022-intel", "no cmdlet makes a physical host of a VM"),
    ),
    "checkpoint of a nested host": Row("sources disagree", "vm-checkpoint", a_checkpoint),
    "L1 stops and L2 is damaged": Row("auto-stop is Save", "inner-vm-not-shut-down", a_running_l2),
    "the management service is not up yet": Row(
        "object was not found",
        "role-not-answering",
        lambda: on("sim:ws2022-intel", Cmdlet("Stop-Service", {"Name": "vmms"})),
        refused=refused(Cmdlet("New-VMSwitch", {"Name": "A", "SwitchType": "Internal"})),
        explained="management-service",
    ),
    "no role": Row("nothing of Hyper-V is there", "role-not-installed", lambda: on("sim:no-role")),
    "no nesting on ARM64": Row(
        "the VM takes the flag and does not start",
        "processor-not-supported",
        lambda: on("sim:arm64"),
        **another_host(
            "sim:ws2022-intel",
            "no cmdlet changes the processor: the lab goes to an Intel or AMD host",
        ),
    ),
    "virtualization off in the firmware": Row(
        "the role is refused",
        "virtualization-off",
        lambda: on("sim:firmware-off"),
        **another_host(
            "sim:no-role", "the firmware is set at its own screen, and the host starts anew"
        ),
    ),
    "Home edition": Row(
        "feature name is unknown",
        "edition-without-hyper-v",
        lambda: on("sim:win11-home"),
        **another_host("sim:win11-ryzen", "another edition is bought and installed"),
    ),
    "two VMs of one name": Row(
        "a cmdlet means both",
        "ambiguous-name",
        lambda: on("sim:busy-host"),
        one_renamed,
        because="only one of the two is to be renamed, and people know which",
    ),
}
SAID = {
    "New-VMSwitch : Hyper-V encountered an error trying to access an object on computer 'HV01' because the object was not found.": "management-service",
    "Get-NetNat : Invalid class": "winnat-absent",
    "This user is allowed a maximum number of 30 concurrent shells, which has been exceeded.": "too-many-shells",
    "The request contained invalid selectors for the resource.": "shell-gone",
    "[WinError 10013] An attempt was made to access a socket in a way forbidden by its access permissions": "port-reserved",
    "Cannot restore this virtual machine to the saved state because of hypervisor incompatibility.": "saved-state-incompatible",
    "Cannot find a physical network adapter named Ethernet 2.": "adapter-gone",
    "The credential is invalid.": "guest-credential",
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_it_is_found_by_name_and_gone_after_its_fix(row):
    row.play()


@pytest.mark.parametrize("text", SAID)
def test_its_error_is_explained_with_the_way_out(text):
    known = nestlab.explain(text)
    assert known.code == SAID[text]
    assert known.fix
    assert known.source.startswith("https://")


def test_a_renamed_adapter_is_named_beside_those_that_there_are():
    text = (NESTED + INSIDE).replace(
        "switch_type: Internal, ip_address: 192.168.100.1/24, nat: 192.168.100.0/24",
        "switch_type: External, net_adapter: LAN",
    )
    (finding,) = on("sim:ws2022-intel", topology=text).found("net-adapter-missing")
    assert "Physical adapters of the host: Ethernet" in finding.hint


def test_a_switch_right_after_the_role_is_tried_again(tmp_path):
    scene = on("sim:ws2022-intel", topology=NESTED)
    error = {
        "category": "ObjectNotFound",
        "error_id": "ObjectNotFound,Microsoft.HyperV.PowerShell.Commands.NewVMSwitch",
    }
    scene.host.simulated_host.inject_faults(
        Fault("fail", "New-VMSwitch", message="The object was not found.", **error)
    )
    lab = nestlab.Lab(scene.topology, scene.host, journal=tmp_path / "j.jsonl")
    assert next(lab.apply()).ok
