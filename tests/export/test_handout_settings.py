"""A handout shows each setting of a file, and what its author wrote above it."""

import pytest

import nestlab
from nestlab.export import PlannedRun, handout, html_page, markdown
from nestlab.export.document import BulletList, CaptionedTable
from nestlab.export.runbook import runbook

FILE = r"""# yaml-language-server: $schema=topology.schema.json
# On the host, and not in this file:
# - VM old: its checkpoints
# - route to 10.9.0.0/16
#
# Written for the spring course, and kept here because the seats of the
#   second room are built from it.
name: lab
switches:
  - {name: Net, switch_type: Internal, ip_address: 10.1.0.1/24, interface_metric: 51}
vms:
  - name: srv
    version: '9.0'
    automatic_start_action: Start
    automatic_start_delay: 37
    automatic_stop_action: ShutDown
    checkpoint_type: Standard
    automatic_checkpoints_enabled: true
    checkpoints: [clean, before]
    tpm: true
    dvd_drives: []
    secure_boot: false
    answers_ping: false
    forwarding: true
    expose_virtualization_extensions: true
    routes: [{to: 10.77.0.0/16, via: 10.1.0.9}]
    notes: |
      Ask Grace first.
      $x <b>
    disk: {size: 20GB}
    guest: {os: windows, credential: admin, language: es-ES, time_zone: Romance Standard Time}
    network_adapters:
      - {name: A, switch: Net, ip_address: 10.1.0.2/24, router_guard: true, interface_metric: 33}
  - {name: plain}
"""

SETTINGS = {
    "Configuration version": "9.0",
    "Automatic start action": "Start",
    "Automatic start delay": "37",
    "Automatic stop action": "ShutDown",
    "Checkpoint type": "Standard",
    "Automatic checkpoints": "yes",
    "Checkpoints": "clean, before",
    "Virtual TPM": "yes",
    "DVD drives": "none",
    "Secure Boot": "no",
    "Answers echo requests": "no",
    "Routes between its adapters": "yes",
    "Exposes virtualization extensions": "yes",
    "Static routes": "10.77.0.0/16 via 10.1.0.9",
    "Notes": "Ask Grace first. $x <b>",
    "Language": "es-ES",
    "Time zone": "Romance Standard Time",
}


def lab(text=FILE):
    return nestlab.loads(text)


def document(topology):
    return handout(topology, nestlab.validate(topology), PlannedRun("sim"))


def tables(topology):
    return {
        block.caption: block.rows
        for section in document(topology).sections
        for block in section.blocks
        if isinstance(block, CaptionedTable)
    }


def test_every_setting_of_a_vm_that_is_not_the_default_is_in_a_table():
    rows = tables(lab())["Further settings of the VMs on the host"]
    assert {setting: value for vm, setting, value in rows} == SETTINGS
    assert {vm for vm, _, _ in rows} == {"srv"}


def test_there_is_no_such_table_where_all_settings_are_those_of_a_new_vm():
    captions = tables(lab("name: lab\nvms: [{name: plain, memory_startup: 2GB}]\n"))
    assert [caption for caption in captions if caption.startswith("Further")] == []


def test_the_settings_of_adapters_are_with_them():
    found = tables(lab())
    (row,) = found["Network adapters of the VMs on the host"]
    assert row[-1] == "Interface metric: 33, Router guard: yes"
    assert ("vEthernet (Net)", "51") in [
        (row[0], row[-1]) for row in found["Addresses of the host on its switches"]
    ]


def test_the_comments_above_the_first_key_are_in_the_summary():
    (summary,) = (part for part in document(lab()).sections if part.title == "Summary")
    (comments,) = (block.items for block in summary.blocks if isinstance(block, BulletList))
    assert comments == (
        "On the host, and not in this file:",
        "VM old: its checkpoints",
        "route to 10.9.0.0/16",
        "Written for the spring course, and kept here because the seats of the second room are built from it.",
    )
    assert "spring course" in html_page(document(lab()))
    without = document(lab(FILE[FILE.index("name: lab") :]))
    assert "BulletList" not in str(without.sections[0].blocks)


def test_a_runbook_has_the_settings_as_well():
    text = runbook(lab())
    assert "Automatic stop action | ShutDown" in text
    assert "Router guard: yes" in text


@pytest.mark.parametrize("write", [markdown, html_page])
def test_the_effects_of_a_step_are_apart_from_its_title(write):
    from nestlab.lab.simulated_run import simulated_run

    topology = lab(FILE.replace("secure_boot: false", "secure_boot: true"))
    run = simulated_run(
        nestlab.loads(
            "name: lab\nswitches: [{name: Ext, switch_type: External, net_adapter: Ethernet}]\n"
        ),
        nestlab.Lab,
    )
    text = write(handout(topology, nestlab.validate(topology), run))
    assert "may cut the connection" in text
    assert "**(may cut" not in text
    assert "</strong>(may cut" not in text
