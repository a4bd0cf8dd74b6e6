"""Topology files in Spanish: the same findings at the same places, with Spanish texts."""

import re

import pytest

from nestlab import texts
from nestlab.errors import TopologyFileError
from nestlab.topology_file import load, loads, schema
from nestlab.topology_file.json_schema import PATH, schema_text
from nestlab.topology_file.key_types import InvalidValue
from nestlab.topology_file.keys import ROUTE, SWITCH, TOPOLOGY, VM_SHAPE
from nestlab.topology_file.one_line import value_of
from nestlab.topology_file.syntax_problems import KNOWN, problem_text

WRONG = """\
name: lab
descripton: x
images: x
switches:
  - name: LabNet
    switch_type: Extern
    ip_address: 10.0.0.1
  - {name: Other, nat: 10.0.0.5/24}
vms:
  - name: HV1
    memory_startup: many
    processor_count: 0
    generation: 3
    state: false
    password: x
    version: 9
    disk: 40GB
    dynamic_memory: {minimum: 4GB, maximum: 2GB}
    guest: {language: es, time_zone: Europe/Madrid, computer_name: '123'}
  - count: 0
    name: web{m}
    network_adapters:
      - {vlan: {native: 5}, mac_address: 01-00-00-00-00-00, gateway: auto}
      - {ip_address: 'fe80::1', routes: []}
      - {vlan: 20}
  - name:
checks: [{from: web1}]
"""
NOT_YAML = (
    "name: lab\nvms: [{name: a}",
    "name: a: b",
    "name: lab\n\tvms: []",
    "name: {n}-web",
    "name: lab\n---\nname: other",
    "name: *lab",
    "name: !x lab",
    "",
)
ENGLISH = re.compile(
    r"\b(must|not|write|keys here|did you mean|is|has|needs|the|with|begin|cannot|expected)\b",
    re.IGNORECASE,
)


def findings(text):
    with pytest.raises(TopologyFileError) as refused:
        loads(text, "lab.yml")
    return refused.value.findings


def places(found):
    return [(each.code, each.location, each.subject) for each in found]


@pytest.mark.parametrize("text", [WRONG, *NOT_YAML])
def test_the_same_problems_are_found_at_the_same_places_and_in_spanish(text):
    english = findings(text)
    texts.set_language("es")
    try:
        found = findings(text)
    finally:
        texts.set_language("en")
    assert places(found) == places(english)
    assert len(found) >= 1
    for each, original in zip(found, english, strict=True):
        assert each.message != original.message
        assert [bool(each.hint), bool(original.hint)] in ([True, True], [False, False])
        shown = re.sub(r"'[^']*'|`[^`]*`|\b\w+: ", "", f"{each.message} {each.hint}")
        assert ENGLISH.findall(shown) == []


def test_values_and_keys_are_named_in_the_sentence(spanish):
    messages = {each.subject: f"{each.message}. {each.hint}" for each in findings(WRONG)}
    assert messages["topology"] == (
        "una topología no tiene la clave 'descripton'. "
        "¿Quiso decir 'description'? Claves aquí: " + ", ".join(TOPOLOGY.all_names) + "."
    )
    assert messages["vms[0].processor_count"].startswith("debe ser un número entero de 1 a")
    assert messages["vms[0].disk"].startswith("debe ser un disco con claves, no '40GB'")
    assert messages["switches[0].switch_type"].startswith(
        "debe ser Private, Internal o External, no 'Extern'"
    )


def test_a_file_that_is_not_there_is_refused_in_spanish(spanish, tmp_path):
    with pytest.raises(TopologyFileError) as refused:
        load(tmp_path / "lab.yml")
    assert refused.value.exit_code == 2
    assert "no existe este archivo" in str(refused.value)


def test_texts_of_the_parser_are_translated_and_unknown_ones_are_shown_as_they_are(spanish):
    assert [text for text in KNOWN if problem_text(text, "", 0) == text] == []
    assert problem_text("something new", "while parsing a block mapping", 3) == (
        "something new al leer un mapa, que empieza en la línea 3"
    )


def test_a_form_reads_the_same_syntax(spanish):
    assert str(value_of("10.1.0.0/16 via 10.0.0.2", ROUTE).via) == "10.0.0.2"
    with pytest.raises(InvalidValue, match=r"debe escribirse como 10.1.0.0/16 via 10.0.0.2"):
        value_of("10.1.0.0/16 por 10.0.0.2", ROUTE)


def test_settings_are_named_by_their_labels(spanish):
    names = {item.key.name: item.key.text_name for item in VM_SHAPE.settings}
    assert names["automatic_stop_action"] == "acción de detención automática"
    assert SWITCH.noun == "un conmutador"


def test_the_schema_of_the_file_stays_in_english(spanish):
    assert schema()["title"] == "nestlab topology"
    assert schema_text() == PATH.read_text(encoding="utf-8")
