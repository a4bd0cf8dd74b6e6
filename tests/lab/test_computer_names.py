"""Computer names: those of the file, and by default those of the VMs on images."""

import pytest

import nestlab
from nestlab.model.topology import is_computer_name
from tests.lab.comparer import differences

FILE = r"""
name: names
images: {ws2022: {path: 'D:\images\ws2022.vhdx'}}
switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24}]
vms:
  - name: web_1
    disk: {image: ws2022}
    guest: {os: windows, credential: c}
    network_adapters: [{switch: A, ip_address: 10.0.0.11/24}]
"""


def lab_of(host, text, journal=None):
    return nestlab.Lab(nestlab.loads(text), host, journal)


def applied(host, text, journal=None):
    lab = lab_of(host, text, journal)
    results = list(lab.apply())
    assert all(result.ok for result in results), results
    assert lab.plan().is_empty
    assert differences(lab.topology, host.simulated_host.world.host) == []
    return [str(result.step.action) for result in results]


def names(host, *path):
    return host.simulated_host.world.host.guest(
        next(vm for vm in host.simulated_host.world.host.hyper_v.vms if vm.name == path[0])
    ).name


@pytest.fixture
def host():
    return nestlab.connect()


def test_a_guest_gets_the_name_of_its_vm_where_windows_takes_it(host):
    assert "rename-computer" not in applied(host, FILE)
    renamed = FILE.replace("web_1", "web-1").replace("name: names", "name: more")
    renamed = renamed.replace("switch: A", "switch: B").replace("{name: A,", "{name: B,")
    done = applied(host, renamed.replace("10.0.0.", "10.0.1."))
    assert done.count("rename-computer") == done.count("restart") == 1
    assert names(host, "web-1") == "web-1"


def test_a_guest_gets_the_name_that_the_file_says_and_undo_gives_the_old_one_back(host, tmp_path):
    applied(host, FILE, tmp_path / "first.jsonl")
    before = names(host, "web_1")
    named = FILE.replace("credential: c}", "credential: c, computer_name: DC01}")
    assert applied(host, named, tmp_path / "second.jsonl") == ["rename-computer", "restart"]
    assert names(host, "web_1") == "DC01"
    undone = list(lab_of(host, named, tmp_path / "second.jsonl").undo())
    assert all(result.ok for result in undone), undone
    host.wait(120)
    assert names(host, "web_1") == before


def test_undo_waits_for_the_restart_before_it_gives_the_old_address_back(host, tmp_path):
    applied(host, FILE, tmp_path / "first.jsonl")
    named = FILE.replace("credential: c}", "credential: c, computer_name: DC01}")
    named = named.replace("10.0.0.11", "10.0.0.12")
    lab = lab_of(host, named, tmp_path / "second.jsonl")
    assert all(result.ok for result in lab.apply())
    undone = list(lab.undo())
    assert all(result.ok for result in undone), undone
    assert lab_of(host, FILE).plan().is_empty


def test_a_nested_host_restarts_once_for_its_name_and_its_role(host):
    nested = FILE.replace("web_1", "HV1").replace(
        "    disk:", "    memory_startup: 8GB\n    nested: {}\n    disk:"
    )
    done = applied(host, nested)
    assert done.count("rename-computer") == done.count("restart") == 1
    assert names(host, "HV1") == "HV1"


def test_a_clone_of_a_path_keeps_its_name_unless_the_file_names_it(host):
    text = FILE.replace("web_1", "web1").replace(
        "{image: ws2022}", r"{parent: 'D:\images\ws2022.vhdx'}"
    )
    assert "rename-computer" not in applied(host, text)


def test_a_name_that_nestlab_cannot_set_is_listed_to_be_set_by_hand(host):
    text = FILE.replace("credential: c}", "computer_name: DC01}")
    plan = lab_of(host, text).plan()
    assert any("computer name DC01" in item.values for item in plan.out_of_reach)


@pytest.mark.parametrize("name", ["", "a" * 16, "web_1", "2022", "a.b", "ä", "a b"])
def test_names_that_windows_refuses_are_refused_by_the_file(name):
    assert not is_computer_name(name)
    with pytest.raises(nestlab.NestlabError):
        nestlab.loads(FILE.replace("credential: c}", f"credential: c, computer_name: '{name}'}}"))
