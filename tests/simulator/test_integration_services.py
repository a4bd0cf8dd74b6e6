"""Integration services: their names are in the language of Windows, their Ids are not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import nestlab
from nestlab.errors import CmdletError
from nestlab.model import Cmdlet
from nestlab.simulator.behaviour.integration_services import INTEGRATION_SERVICES
from nestlab.simulator.behaviour.localization import LANGUAGES

GUEST_SERVICE_INTERFACE = "6C09BB55-D683-4DA0-8931-C9BF705F6480"
SERVICES = Cmdlet("Get-VMIntegrationService", {"VMName": "build-agent"})
PACKAGE = Path(nestlab.__file__).parent


def host_in(language):
    host = nestlab.connect()
    host.simulated_host.world.quirks.language = language
    return host


def services(host):
    """The records by the GUID that their Ids end with."""
    return {record["Id"].rpartition("\\")[2]: record for record in host.run(SERVICES)}


@pytest.mark.parametrize("language", [item for item in LANGUAGES if item != "en"])
def test_names_are_those_of_the_language_and_ids_are_not(language):
    english, other = services(host_in("en")), services(host_in(language))
    assert english.keys() == other.keys()
    assert len(english) == len(INTEGRATION_SERVICES)
    same = [english[key]["Name"] for key in english if english[key]["Name"] == other[key]["Name"]]
    assert same == ["VSS"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_service_is_enabled_by_the_name_that_was_read(language):
    host = host_in(language)
    found = services(host)[GUEST_SERVICE_INTERFACE]
    assert found["Enabled"] is False
    named = {"VMName": "build-agent", "Name": found["Name"]}
    host.run(Cmdlet("Enable-VMIntegrationService", named))
    assert services(host)[GUEST_SERVICE_INTERFACE]["Enabled"] is True


def test_the_english_name_is_not_known_on_a_spanish_host():
    host = host_in("es")
    named = {"VMName": "build-agent", "Name": "Guest Service Interface"}
    with pytest.raises(CmdletError) as caught:
        host.run(Cmdlet("Enable-VMIntegrationService", named))
    assert caught.value.record.error_id == "ObjectNotFound"


def test_nothing_outside_the_simulated_host_names_a_service():
    names = {service.name for service in INTEGRATION_SERVICES if " " in service.name}
    found = {
        (path.name, node.value)
        for path in PACKAGE.rglob("*.py")
        if "simulator" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in names
    }
    assert found == set()
