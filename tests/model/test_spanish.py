"""Findings, errors and tables of the model in Spanish: the texts differ, the values do not."""

import pytest

from nestlab.errors import AnotherRunActive, CmdletError, FileNotWritten, PlanRefused, StalePlan
from nestlab.model import Cmdlet, ErrorRecord, Finding, Findings
from nestlab.model.files import write_atomically
from nestlab.model.located import DataSyntaxError
from nestlab.model.ownership import is_marked, why_not_owned
from nestlab.model.powershell_data import read_data
from nestlab.topology_file import loads

LAB = """\
name: lab
switches: [{name: LabNet, switch_type: Internal, ip_address: 10.0.0.1/24}]
vms:
  - name: HV1
    nested: {}
    forwarding: true
    network_adapters: [{switch: LabNet, vlan: {trunk: [10, 20], native: 1}}]
  - name: web
    network_adapters: [{switch: LabNet, connected: false}]
checks: [{from: web, to: internet, expect: unreachable}]
"""


def finding(severity, **values):
    return Finding("no-switch", severity, "HV1", "falta", **values)


def test_findings_have_the_same_codes_and_spanish_words(spanish):
    fix = (Cmdlet("Start-VM", {"Name": "HV1"}),)
    found = Findings([finding("warning", hint="Otra"), finding("error", fix=fix, runs_on="host")])
    assert str(found) == (
        "error: HV1: falta [no-switch]\nadvertencia: HV1: falta [no-switch]\n    solución: Otra"
    )
    assert repr(found) == "<Findings: 1 error, 1 advertencia, 0 notas>"
    assert "mensaje y solución" in found._repr_html_()
    assert [each.to_dict()["severity"] for each in found] == ["error", "warning"]
    assert str(PlanRefused(found)) == (
        "1 error bloquea este plan\nerror: HV1: falta [no-switch]\n    en host: Start-VM -Name 'HV1'"
    )


def test_errors_are_in_spanish_with_the_same_exit_codes(spanish, tmp_path):
    record = ErrorRecord("No space.", "ObjectNotFound", "Id,Start-VM", "HV1")
    failed = CmdletError(Cmdlet("Start-VM", {}), record, machine="HV1")
    assert (str(failed), failed.exit_code) == ("Error de Start-VM en HV1: No space.", 1)
    assert "El host cambió" in str(StalePlan(["VM HV1"]))
    assert str(AnotherRunActive("lab", "hv")).startswith("Otra ejecución está cambiando lab en hv")
    with pytest.raises(FileNotWritten) as refused:
        write_atomically(tmp_path, "text")
    assert refused.value.exit_code == 2
    assert "no se puede escribir: es un directorio" in str(refused.value)


def test_the_mark_of_an_owner_is_read_the_same(spanish):
    assert why_not_owned("nestlab:a nestlab:b", "a").startswith("tiene las marcas de a y b")
    assert why_not_owned("nestlab:a", "a") == ""
    assert is_marked("nestlab:a", "a")


def test_a_data_file_is_refused_at_the_same_place(spanish):
    with pytest.raises(DataSyntaxError) as refused:
        read_data("@{ A = Get-VM }")
    assert (refused.value.line, refused.value.column) == (1, 8)
    assert refused.value.message.startswith("aquí se espera una constante")
    assert refused.value.hint.startswith("Los archivos de datos")


def test_the_table_of_a_topology_is_in_spanish(spanish):
    topology = loads(LAB)
    shown = topology._repr_html_()
    for text in ("host anidado (L1)", "conmutador interno", "VLAN 10, 20, nativa 1"):
        assert text in shown
    for text in ("sin conectar", "enruta entre sus adaptadores", "inaccesible"):
        assert text in shown
    assert repr(topology) == "<Topology lab: 2 VM, 1 conmutador>"


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("host", "host"),
        ("HV1/web1", "HV1/web1"),
        ("switch HV1/Lan", "conmutador HV1/Lan"),
        ("adapter web1/Ethernet", "adaptador web1/Ethernet"),
        ("VM web1", "VM web1"),
        ("VM web1, adapter Ethernet 2", "VM web1, adaptador Ethernet 2"),
        ("uplink Ethernet", "enlace ascendente Ethernet"),
        ("image ws2022", "imagen ws2022"),
        ("check 3", "comprobación 3"),
    ],
)
def test_the_subject_of_a_finding_is_shown_in_spanish_and_stays_a_key(in_spanish, subject, shown):
    found = Finding("some-code", "error", subject, "falta")
    assert str(found) == f"error: {subject}: falta [some-code]"
    assert in_spanish(str, found) == f"error: {shown}: falta [some-code]"
    assert f">{shown}<" in in_spanish(Findings([found])._repr_html_)
    assert in_spanish(found.to_dict)["subject"] == subject
