"""`nestlab explain`, word for word; and nesting of several VMs."""

import json
from pathlib import Path

import pytest

import nestlab
from nestlab.cli import main

CASES = Path(__file__).parents[1] / "cases" / "explanations"
ERRORS = {
    "nat": "Windows System Error 87,New-NetNat",
    "amd": "The virtual machine could not be started because this platform does not support nested virtualization.",
    "nested-hypervisor": "'web1' failed to start. Virtual machine 'web1' could not be started because the hypervisor is not running.",
    "role": "The processor does not have required virtualization capabilities.",
    "state": "InvalidState,Microsoft.HyperV.PowerShell.Commands.SetVMProcessor",
    "opt-out": "Cannot modify property without enabling VirtualizationBasedSecurityOptOut.",
    "elevation": "The requested operation requires elevation.",
    "no-shutdown": "Hyper-V cannot shut down virtual machine a because the Shutdown integration service is unavailable.",
    "unknown": "The flux capacitor is empty.",
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_explained_word_for_word(name, capsys, update_cases):
    code = main(["explain", ERRORS[name]])
    said, path = capsys.readouterr().out, CASES / f"{name}.txt"
    if update_cases:
        path.parent.mkdir(exist_ok=True)
        path.write_text(said, encoding="utf-8", newline="\n")
    assert said == path.read_text(encoding="utf-8")
    assert code == (name == "unknown")


def test_json_has_the_parts(capsys):
    assert main(["explain", "--json", ERRORS["nat"]]) == 0
    assert json.loads(capsys.readouterr().out)["code"] == "nat-overlap"
    assert main(["explain", "--json", "what?"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == ""


def test_a_finding_code_is_explained(capsys):
    assert main(["explain", "spoofing-required"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("spoofing-required (finding)\n  Severity: error\n")
    assert main(["explain", "--json", "dhcp-nobody"]) == 0
    known = json.loads(capsys.readouterr().out)
    assert (known["code"], known["formerly"]) == ("dhcp-without-server", ["dhcp-nobody"])


def test_a_misspelt_code_gets_a_suggestion(capsys):
    assert main(["explain", "spofing-required"]) == 1
    assert "Did you mean spoofing-required" in capsys.readouterr().out


def test_all_codes_are_listed(capsys):
    assert main(["explain", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert main(["explain", "--list", "--json"]) == 0
    rules = json.loads(capsys.readouterr().out)["rules"]
    assert [line.split()[0] for line in lines] == [rule["code"] for rule in rules]
    assert all(rule["meaning"] and rule["why"] and rule["fix"] and rule["source"] for rule in rules)


def test_a_list_takes_no_code(capsys):
    assert main(["explain", "--list", "nat-overlap"]) == 2
    assert "accepts no TEXT or CODE" in capsys.readouterr().err


def test_in_python_it_says_so_when_nothing_is_known():
    assert nestlab.explain(ERRORS["nat"]).code == "nat-overlap"
    assert nestlab.explain("spoofing-required").severity == "error"
    assert not nestlab.explain("what?")
    assert "Unknown error: what?" in str(nestlab.explain("what?"))


def test_several_vms_at_once_and_back(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    host = ["--host", "sim:ws2022-intel?state=h.json"]
    assert (
        main(
            [
                "nesting",
                "enable",
                "dc-archive",
                "sql-test",
                "--memory",
                "8GB",
                "--processors",
                "4",
                "--yes",
                *host,
            ]
        )
        == 0
    )
    assert main(["nesting", "disable", "sql-test", "dc-archive", "--yes", *host]) == 0
    capsys.readouterr()
    main(["nesting", "show", "--json", *host])
    after = json.loads(capsys.readouterr().out)["vms"]
    main(["nesting", "show", "--json"])
    assert after == json.loads(capsys.readouterr().out)["vms"]


def test_check_says_how_many_nested_hosts_fit(capsys):
    assert main(["check", "--nested-memory", "16GB", "--vms-inside", "20"]) == 0
    assert (
        "3 nested hosts with 16 GB fit, leaving 10 GB free; each has room for 7 VMs with 2 GB: too little for 20"
        in capsys.readouterr().out
    )


def test_undo_waits_for_a_guest_that_is_still_starting(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    host = ["--host", "sim:ws2022-intel?state=h.json"]
    assert main(["nesting", "enable", "build-agent", "--journal", "j.jsonl", "--yes", *host]) == 0
    assert main(["undo", "j.jsonl", "--yes"]) == 0
    capsys.readouterr()
    main(["nesting", "show", "build-agent", "--json", *host])
    (vm,) = json.loads(capsys.readouterr().out)["vms"]
    assert (vm["state"], vm["expose_virtualization_extensions"]) == ("Running", False)
