"""The simulated hosts with their verdicts, as a table."""

import json

from nestlab.html import escape
from nestlab.notebook import scenario_verdicts
from nestlab.simulator.scenarios import scenario_descriptions


def test_every_simulated_host_has_its_verdict_and_its_description():
    found = scenario_verdicts()
    known = scenario_descriptions()
    assert [each.address for each in found] == [f"sim:{name}" for name in known]
    verdicts = {each.address: each.verdict.code for each in found}
    assert verdicts["sim:ws2022-intel"] == "can-nest"
    assert verdicts["sim:no-role"] == "cannot-nest"
    able = list(verdicts.values()).count("can-nest")
    assert found.summary == (
        f"{able} of {len(known)} simulated hosts can run nested hosts as they are."
    )
    page = found._repr_html_()
    assert page.index(found.summary) < page.index("<table>")
    assert all(escape(about) in page for about in known.values())
    assert page.count('<span style="white-space:nowrap">✓ can nest</span>') == able
    assert str(found).count("\n") == len(found) == len(known)
    data = json.loads(json.dumps(found.to_dict()))
    assert data["sim:no-role"]["verdict"]["code"] == "cannot-nest"


def test_they_are_in_spanish(spanish):
    assert "puede anidar" in scenario_verdicts()._repr_html_()
