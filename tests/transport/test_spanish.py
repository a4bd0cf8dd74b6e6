"""Errors of sessions in Spanish: other texts, the same classes, exit codes and commands."""

import re

import pytest

import nestlab
from nestlab import texts
from nestlab.errors import GuestUnreachable, HostUnreachable, NestlabError, UsageError
from nestlab.model import Cmdlet
from nestlab.transport.process.process_exit import ProcessExit
from nestlab.transport.process.ssh import SshTarget


def error_of(function):
    with pytest.raises(NestlabError) as caught:
        function()
    return caught.value


def in_both_languages(function):
    texts.set_language("en")
    english = error_of(function)
    texts.set_language("es")
    return english, error_of(function)


def refused():
    nestlab.connect("winrms://127.0.0.1:1", username="ada", password="Geheim-1234", auth="ntlm")


def test_a_refused_connection_has_the_same_class_and_commands(spanish):
    english, error = in_both_languages(refused)
    assert type(error) is type(english) is HostUnreachable
    assert error.exit_code == english.exit_code == 3
    assert error.message == "127.0.0.1 rechaza las conexiones en el puerto 1."
    assert "En el host, en un Windows PowerShell con privilegios elevados:" in error.hint
    commands = re.compile(r"\$c = .*")
    assert commands.search(error.hint)[0] == commands.search(english.hint)[0]


@pytest.mark.parametrize(
    ("address", "message", "hint"),
    [
        ("hv01", "'hv01' no es la dirección de un host.", "Escriba sim:ws2022-intel"),
        ("sim:?state=", "state= está vacía.", "Escriba sim:ws2022-intel?state=lab.json"),
        ("ssh://hv01?port=2", "Un host por ssh no tiene la opción 'port'.", "Opciones: subsystem"),
        ("winrm://a:b@hv01", "Una dirección no debe contener una contraseña", "Indíquela como"),
    ],
)
def test_an_address_that_cannot_be_read_is_explained(spanish, address, message, hint):
    error = error_of(lambda: nestlab.connect(address))
    assert isinstance(error, UsageError)
    assert error.message.startswith(message)
    assert error.hint.startswith(hint)


def test_a_guest_that_does_not_answer_is_explained(spanish):
    guest = nestlab.connect("sim:ws2022-intel").guest("sql-test", "lab-admin")
    error = error_of(lambda: guest.run(Cmdlet("Get-NetAdapter")))
    assert type(error) is GuestUnreachable
    assert error.message.startswith("sql-test no responde: ")
    assert error.hint.startswith("PowerShell Direct necesita una VM en ejecución")


def test_a_name_that_is_a_pattern_is_refused(spanish):
    host = nestlab.connect("sim:ws2022-intel")
    error = error_of(lambda: host.run(Cmdlet("Remove-VM", {"Name": "web*"})))
    assert error.message == (
        "Remove-VM -Name 'web*' se expandiría como un patrón con caracteres comodín y podría "
        "coincidir con otros objetos."
    )


def test_an_ssh_that_fails_is_recognized_by_its_own_texts(spanish):
    target = SshTarget("hv01")
    lost = target.explain(
        ProcessExit("Get-VM", exit_code=255, errors="Connection reset by 192.0.2.1 port 22")
    )
    assert lost.message.startswith("Se perdió la conexión con hv01 mientras se ejecutaba Get-VM.")
    assert " Escribió: Connection reset by" in lost.message
    unknown = target.explain(ProcessExit("", exit_code=255, errors="Could not resolve hostname"))
    assert unknown.message == "No se puede resolver el nombre de host hv01."
