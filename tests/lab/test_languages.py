"""Labs on a Windows that does not speak English: names and error texts change, ids do not.

On the build before, each of these labs failed at the first VM: New-VM names its adapter in the
language of Windows, and the plan took the English name for granted.
"""

from pathlib import Path

import pytest

import nestlab
from nestlab.errors import StateFileError, UsageError
from nestlab.model import Cmdlet

TOPOLOGIES = Path(__file__).parents[2] / "notebooks" / "topologies"
FIRST_ADAPTER = {
    "es": "Adaptador de red",
    "de": "Netzwerkadapter",
    "fr": "Carte réseau",
    "ja": "ネットワーク アダプター",
}


@pytest.mark.parametrize("language", FIRST_ADAPTER)
def test_windows_names_things_in_its_language(language):
    host = nestlab.connect(f"sim:win11-ryzen?language={language}")
    host.run(Cmdlet("New-VM", {"Name": "one", "NoVHD": True}))
    (adapter,) = host.run(Cmdlet("Get-VMNetworkAdapter", {"VMName": "one"})).records
    assert adapter["Name"] == FIRST_ADAPTER[language]
    names = {switch["Name"] for switch in host.run(Cmdlet("Get-VMSwitch"))}
    assert "Default Switch" not in names


@pytest.mark.parametrize("language", FIRST_ADAPTER)
def test_errors_keep_their_ids_and_say_no_english_word(language):
    english = nestlab.connect("sim:ws2022-intel?language=en")
    other = nestlab.connect(f"sim:ws2022-intel?language={language}")
    asked = Cmdlet("Get-VM", {"Name": "nobody", "ErrorAction": "Continue"})
    (one,), (two,) = (host.run(asked).errors for host in (english, other))
    assert (two.fully_qualified_error_id, two.category, two.exception_type) == (
        one.fully_qualified_error_id,
        one.category,
        one.exception_type,
    )
    assert "unable" in one.message
    assert "unable" not in two.message
    assert '"nobody"' in two.message


@pytest.mark.parametrize("language", FIRST_ADAPTER)
def test_a_warning_does_not_say_that_something_failed(language):
    # Before, it had the sentence of errors, in Spanish "No se pudo completar la operación".
    host = nestlab.connect(f"sim:ws2022-intel?language={language}")
    host.run(Cmdlet("New-VM", {"Name": "a", "NoVHD": True, "MemoryStartupBytes": 1 << 30}))
    error = host.run(Cmdlet("Get-VM", {"Name": "nobody", "ErrorAction": "Continue"})).errors[0]
    (warning,) = host.run(Cmdlet("Stop-VM", {"Name": "a"})).warnings
    assert warning
    assert warning.partition(":")[0] != error.message.partition(":")[0]


@pytest.mark.parametrize(
    ("scenario", "name"),
    [
        ("ws2022-spanish", "nat-lab"),
        ("ws2022-spanish", "bridged-lab"),
        ("ws2022-spanish", "two-node-cluster"),
        ("ws2022-spanish", "eight-seats"),
        ("win11-ryzen?language=de", "nat-lab"),
        ("ws2022-intel?language=ja", "nat-lab"),
    ],
)
def test_an_example_is_applied_to_its_last_level_verified_and_undone(scenario, name, tmp_path):
    host = nestlab.connect(f"sim:{scenario}")
    before = {vm["Name"] for vm in host.run(Cmdlet("Get-VM"))}
    topology = nestlab.load(TOPOLOGIES / f"{name}.yml")
    lab = nestlab.Lab(topology, host, journal=tmp_path / "lab.jsonl")
    english = nestlab.Lab(topology, nestlab.connect(), journal=tmp_path / "english.jsonl")
    assert all(result.ok for result in english.apply())
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert str(lab.verify()) == str(english.verify())
    assert lab.plan().is_empty
    assert [str(result) for result in lab.undo() if not result.ok] == []
    assert {vm["Name"] for vm in host.run(Cmdlet("Get-VM"))} == before


def test_a_vm_without_adapters_loses_the_one_that_windows_gave_it(tmp_path):
    host = nestlab.connect("sim:ws2022-spanish")
    path = tmp_path / "lab.yml"
    path.write_text("name: lab\nvms: [{name: one}]\n", encoding="utf-8")
    lab = nestlab.Lab(nestlab.load(path), host, journal=tmp_path / "lab.jsonl")
    assert all(result.ok for result in lab.apply())
    assert not host.run(Cmdlet("Get-VMNetworkAdapter", {"VMName": "one"})).records
    assert lab.plan().is_empty


def test_an_unknown_language_is_named_with_the_known_ones():
    with pytest.raises(UsageError, match="language='klingon'") as caught:
        nestlab.connect("sim:ws2022-intel?language=klingon")
    assert caught.value.hint == "Languages: en, es, de, fr, ja."


def test_a_state_file_keeps_its_language(tmp_path):
    address = f"sim:ws2022-intel?state={tmp_path / 'host.json'}"
    nestlab.connect(f"{address}&language=es").run(Cmdlet("New-VM", {"Name": "x", "NoVHD": True}))
    (adapter,) = nestlab.connect(address).run(Cmdlet("Get-VMNetworkAdapter", {"VMName": "x"}))
    assert adapter["Name"] == "Adaptador de red"
    with pytest.raises(StateFileError, match="is es, not de"):
        nestlab.connect(f"{address}&language=de")
