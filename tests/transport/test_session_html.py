"""What a notebook shows of a session: where it leads and how, without asking the host."""

import pytest

import nestlab
from nestlab.simulator.scenarios import scenario_descriptions
from nestlab.transport.session_html import session_html


def test_a_session_shows_its_host_and_what_to_do_next():
    page = nestlab.connect("sim:no-role?time_scale=0")._repr_html_()
    assert "<b>Session to sim:no-role.</b>" in page
    assert "<code>nestlab.check(host)</code>" in page
    assert scenario_descriptions()["no-role"] in page
    assert "simulated in this process" in page


def test_a_session_to_a_guest_names_both():
    page = nestlab.connect().guest("build-agent", "lab")._repr_html_()
    assert "<b>Session to the guest build-agent of sim:ws2022-intel.</b>" in page
    assert "PowerShell Direct, through its host" in page
    assert "nestlab.check" not in page


class Elsewhere:
    """A session that runs nothing: asking it anything would fail."""

    machine = ()

    def __init__(self, host):
        self.host = host


@pytest.mark.parametrize(
    ("address", "way"),
    [
        ("winrms://hv01", "WinRM over HTTPS"),
        ("winrm://hv01", "WinRM over HTTP, encrypted"),
        ("ssh://hv01", ">SSH<"),
        ("local:", "PowerShell on this computer"),
    ],
)
def test_a_real_host_is_not_asked(address, way):
    page = session_html(Elsewhere(address), "Desktop 5.1")
    assert way in page
    assert ">Desktop 5.1<" in page


def test_what_a_name_contains_is_shown_as_text():
    page = nestlab.connect().guest("<b>$x$", "lab")._repr_html_()
    assert "&lt;b&gt;$x$" in page
    assert page.startswith('<div class="mathjax_ignore')


def test_scenarios_are_a_table():
    known = scenario_descriptions()
    page = known._repr_html_()
    assert f"<b>{len(known)} simulated hosts.</b>" in page
    assert page.count("<tr>") == len(known) + 1
    assert dict(known) == known
