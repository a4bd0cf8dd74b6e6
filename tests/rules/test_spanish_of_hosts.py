"""Findings about hosts and their guests in Spanish: the same findings, with Spanish texts."""

import pytest

from nestlab.errors import GuestCredentialRefused, GuestUnreachable
from nestlab.model import Size
from nestlab.rules import guest_access_findings, host_findings
from nestlab.rules.capacity_estimate import CapacityEstimate
from nestlab.rules.host_report import host_report
from nestlab.rules.memory_budget import memory_budget
from tests.rules.states import HOSTS, READY
from tests.rules.test_fixes_in_guests import CHANGED, lab_with


def same(finding):
    """What is the same of a finding in every language."""
    return finding.code, finding.severity, finding.subject, finding.source, finding.fix


def untranslated(one, other):
    """The texts of a finding that are the same in both languages."""
    pairs = ((one.message, other.message), (one.hint, other.hint))
    return [text for text, translated in pairs if text and text == translated]


@pytest.mark.parametrize("name", HOSTS)
def test_the_findings_about_a_host_are_the_same_in_spanish(name, in_spanish):
    english, spanish = host_findings(HOSTS[name]), in_spanish(host_findings, HOSTS[name])
    assert list(map(same, spanish)) == list(map(same, english))
    assert [untranslated(*pair) for pair in zip(english, spanish, strict=True)] == [[]] * len(
        english
    )


def test_the_verdict_and_the_groups_of_a_report_are_in_spanish(in_spanish):
    report = in_spanish(host_report, READY)
    assert report.verdict.message == "HV01 puede ejecutar hosts anidados"
    assert [name for name, _ in report.groups] == [
        "Procesador y firmware",
        "Windows y rol",
        "Memoria",
        "Red",
        "VM",
    ]


@pytest.mark.parametrize("name", ["no gateway", "no lease"])
def test_a_fix_inside_a_guest_is_the_same_in_spanish(name, in_spanish):
    code, key, cmdlets = CHANGED[name]
    scene = lab_with()
    scene.inside("web1").run(*cmdlets)
    scene.host.wait(60)
    (english,) = scene.found(code)
    (spanish,) = in_spanish(scene.found, code)
    assert same(spanish) == same(english)
    assert untranslated(english, spanish) == []
    assert f"El archivo tiene {key}, de modo que `nestlab apply` lo establece." in spanish.hint


def test_guests_that_do_not_answer_are_reported_in_spanish(in_spanish):
    errors = {
        ("HV1",): GuestCredentialRefused("HV1", "HV1 refused lab\\admin", hint="Correct it."),
        ("HV2",): GuestUnreachable("HV2", "HV2 does not answer", hint="Start it."),
    }

    def found():
        return list(guest_access_findings(errors))

    english, spanish = found(), in_spanish(found)
    assert list(map(same, spanish)) == list(map(same, english))
    refused, silent = spanish
    assert "vuelva a crear la VM con `--recreate HV1`" in refused.hint
    assert silent.message == "no se sabe qué hay dentro: HV2 does not answer"


def test_memory_is_counted_in_spanish(in_spanish):
    budget = memory_budget(READY)
    assert "en ejecución" in in_spanish(str, budget)
    estimate = CapacityEstimate(
        count=1,
        memory_each=Size.parse("8GB"),
        vms_inside=3,
        memory_inside=Size.parse("2GB"),
        fits_inside=1,
        free_after=Size.parse("2GB"),
    )
    assert str(estimate) == (
        "by memory alone, 1 nested host with 8 GB fits, leaving 2 GB free; "
        "it has room for 1 VM with 2 GB: too little for 3"
    )
    assert in_spanish(str, estimate) == (
        "solo por memoria, cabe 1 host anidado con 8 GB, y quedan 2 GB libres; "
        "en él hay espacio para 1 VM con 2 GB: demasiado poco para 3"
    )
