"""The table that a notebook shows of a topology."""

import nestlab

LAB = """\
name: lab
vms:
  - name: HV1
    nested:
      switches: [{name: Inner Net, switch_type: Private}]
      vms: [{name: 'a <b>'}]
"""


def test_a_name_stays_in_one_line_with_its_indentation():
    page = nestlab.loads(LAB)._repr_html_()
    for name in ("host", "\u2003HV1", "\u2003\u2003Inner Net", "\u2003\u2003a &lt;b&gt;"):
        assert f"<span style='white-space:nowrap'>{name}</span>" in page
