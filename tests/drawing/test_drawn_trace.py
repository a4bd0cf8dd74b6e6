"""A trace through a topology is shown with its picture beside the hops."""

import copy

import nestlab
from nestlab import reachability, rules

TOPOLOGY = nestlab.load("notebooks/topologies/nat-lab.yml")


def test_the_picture_is_beside_the_hops_and_has_the_path():
    found = nestlab.trace(TOPOLOGY, "web1", "internet")
    page = found._repr_html_()
    assert "display:flex;flex-wrap:wrap" in page
    assert page.index("web1 → internet: reachable</b>") < page.index("<img")
    assert 'alt="web1 → internet: reachable"' in page
    assert found.svg().count('class="trace"') >= 1
    assert page.startswith('<div class="mathjax_ignore')


def test_it_is_the_same_answer_as_without_a_picture():
    drawn, plain = nestlab.trace(TOPOLOGY, "web1", "db1"), rules.trace(TOPOLOGY, "web1", "db1")
    assert isinstance(drawn, nestlab.Trace)
    assert drawn == plain
    assert plain == drawn
    assert hash(drawn) == hash(plain)
    assert drawn != nestlab.trace(TOPOLOGY, "db1", "web1")
    assert (str(drawn), repr(drawn), drawn.to_dict()) == (str(plain), repr(plain), plain.to_dict())
    copied = copy.deepcopy(drawn)
    assert copied == drawn
    assert copied._repr_html_() == drawn._repr_html_()


def test_an_observed_network_has_no_picture():
    found = nestlab.trace(reachability.from_topology(TOPOLOGY), "web1", "internet")
    assert "<img" not in found._repr_html_()
    assert found == nestlab.trace(TOPOLOGY, "web1", "internet")
