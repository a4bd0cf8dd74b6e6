"""Problems that a user causes in the address of a simulated host are in the chosen language."""

import pytest

import nestlab
from nestlab import texts
from nestlab.errors import NestlabError
from nestlab.simulator.state.state_file import FORMAT


@pytest.fixture
def spanish():
    before = texts.language()
    texts.set_language("es")
    yield
    texts.set_language(before)


def problem(address):
    with pytest.raises(NestlabError) as caught:
        nestlab.connect(address)
    return f"{caught.value.message} {caught.value.hint}"


@pytest.mark.usefixtures("spanish")
def test_of_state_files(tmp_path):
    assert "el archivo de estado no se puede bloquear" in problem(
        f"sim:?state={tmp_path / 'none' / 'x.json'}"
    )
    assert "Compruebe que la carpeta existe" in problem(
        f"sim:?state={tmp_path / 'none' / 'x.json'}"
    )
    file = tmp_path / "x.json"
    for text, words in {
        "{": "no es un archivo de estado",
        "{}": "no es un archivo de estado",
        f'{{"format": "{FORMAT}", "version": 99}}': "de una versión posterior de nestlab",
        f'{{"format": "{FORMAT}", "version": 0}}': "que no existe",
    }.items():
        file.write_text(text)
        assert words in problem(f"sim:?state={file}")
    file.write_bytes(b"\xff\xfe\xff")
    assert "no es texto" in problem(f"sim:?state={file}")


@pytest.mark.usefixtures("spanish")
def test_of_faults():
    assert "no es un tipo de fallo" in problem("sim:?fault=foo")
    assert "falta su tipo" in problem("sim:?fault=:New-VM")
    assert "no es un cmdlet del host simulado" in problem("sim:?fault=drop:New-VMM")
    assert "¿Quiso decir New-VM?" in problem("sim:?fault=drop:New-VMM")
    assert "como máximo dos números enteros" in problem("sim:?fault=drop:New-VM:x")


@pytest.mark.usefixtures("spanish")
def test_of_session_configurations(tmp_path):
    assert "no tiene configuración de sesión" in problem(f"sim:?configuration={tmp_path}")
