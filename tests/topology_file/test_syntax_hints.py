"""A text that is not YAML is refused with what to do about it."""

import pytest

import nestlab
from nestlab.errors import TopologyFileError

MISTAKES = {
    "a value is missing": ("vms: [{name: a, disk: }, ]]", "closed twice"),
    "node content": ("vms:\n  - {name: a, nested: {vms: [}}", "A value is missing here"),
    "indentation of a list": ("vms:\n  - name: a\n - name: b", "indented differently"),
    "indentation of a key": ("vms:\n  - name: a\n   state: Off", "indented"),
    "tab": ("vms:\n\t- name: a", "indented with spaces"),
    "an at sign": ("description: @home", "needs quotes: '@home'"),
    "a back quote": ("description: `x`", "needs quotes: '`x`'"),
    "no colon": ("vms\nswitches: []", "a colon and a space"),
    "open quote": ("description: 'x\nvms: []", "A quote is not closed"),
    "path in double quotes": ('images: {w: {path: "D:\\images\\w.vhdx"}}', "single quotes"),
    "list after its key": ("vms: - name: a", "line of its own"),
}


@pytest.mark.parametrize("text", MISTAKES, ids=str)
def test_the_hint_says_what_to_do(text):
    mistake, hint = MISTAKES[text]
    with pytest.raises(TopologyFileError) as caught:
        nestlab.loads(f"name: lab\n{mistake}\n")
    (finding,) = caught.value.findings
    assert finding.code == "not-yaml"
    assert hint in finding.hint
