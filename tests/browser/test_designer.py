"""The topology designer in a real browser: everything by mouse alone, and by keyboard alone."""

import re
import textwrap

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from nestlab.reachability import trace
from nestlab.rules import validate
from nestlab.topology_file import load
from tests.browser.lab_page import (
    error_texts,
    eventually,
    open_notebook,
    run_all,
    show_cell,
    wait_until_drawn,
)

SHOWN = """
from pathlib import Path
from nestlab.notebook import TopologyDesigner
path = Path({file!r})
path.write_text({text!r}, encoding="utf-8")
designer = TopologyDesigner(path)
{setup}
designer
"""
SLOW = """
import time
designer.observe(lambda change: time.sleep(1), "selection")
"""
NOTHING = "# made in the designer\nname: lab\n"
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


@pytest.fixture
def shown(page, jupyter_server, request):
    """Show a designer on a file with this text; return a function that loads the file."""
    file = f"{re.sub(r'[^a-z]+', '-', request.node.name)}.yml"
    path = jupyter_server.folder / file

    def show(text=NOTHING, setup=""):
        code = textwrap.dedent(SHOWN).format(file=file, text=text, setup=setup)
        notebook = new_notebook(
            cells=[new_code_cell(code, id="designer")], metadata={"kernelspec": KERNEL}
        )
        nbformat.write(notebook, path.with_suffix(".ipynb"))
        open_notebook(page, jupyter_server, path.with_suffix(".ipynb").name)
        run_all(page)
        assert error_texts(page) == []
        show_cell(page, 0)
        part(page, "host").wait_for()
        return path

    return show


def part(page, identifier):
    return page.locator(f'.nd-canvas [data-id="{identifier}"]')


def press_button(page, name):
    page.locator(".nestlab-designer").get_by_role("button", name=name, exact=True).click()


def says(page, text):
    """Wait until the designer has said a text."""
    expect(page.locator(".nd-live")).to_contain_text(text)


def click(page, identifier, **options):
    """Click a box or a bar near its corner, where nothing else is."""
    part(page, identifier).locator(".box, .switch-bar").first.click(
        position={"x": 6, "y": 4}, **options
    )
    is_current(page, identifier)


def is_current(page, identifier):
    """Check that a part is the current one for the canvas, the form and the next key."""
    expect(page.locator(".nd-canvas .part.selected")).to_have_attribute("data-id", identifier)
    expect(page.locator(".nd-form")).to_have_attribute("data-id", identifier)
    expect(page.locator(".nd-form :is(input, select)").first).to_be_enabled()


def has_focus(page, identifier):
    """Wait until a part has the focus: it gets that when the picture is drawn."""
    expect(part(page, identifier)).to_be_focused()


def some_part_has_focus(page):
    page.wait_for_function("() => document.activeElement?.dataset.id")


def keys(page, *pressed):
    for key in pressed:
        page.keyboard.press(key)


def test_the_focus_follows_an_edit_that_changes_no_picture(page, shown):
    shown()
    part(page, "host").focus()
    keys(page, "s")
    says(page, "Added switch Switch1")
    keys(page, "v")
    says(page, "Added vm1")
    keys(page, "ArrowUp")
    is_current(page, "adapter:vm1/0")
    keys(page, "l", "Enter")
    says(page, "vm1 to Switch1")
    is_current(page, "adapter:vm1/0")
    has_focus(page, "adapter:vm1/0")
    keys(page, "Delete")
    says(page, "Deleted adapter Network Adapter of vm1.")
    is_current(page, "vm1")
    has_focus(page, "vm1")


SLOW_FRAMES = """() => {
    window.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 2000);
    window.cancelAnimationFrame = clearTimeout;
}"""


def test_a_key_counts_for_an_edit_that_is_not_drawn_yet(page, shown):
    shown()
    part(page, "host").focus()
    keys(page, "s")
    is_current(page, "switch:host/Switch1")
    page.evaluate(SLOW_FRAMES)
    keys(page, "v")
    says(page, "Added vm1")
    keys(page, "ArrowUp")
    is_current(page, "adapter:vm1/0")


def test_two_parts_with_equal_properties_have_each_its_own_form(page, shown):
    path = shown(
        "name: lab\nvms: [{name: a, network_adapters: [{}]}, {name: b, network_adapters: [{}]}]\n"
    )
    for identifier in ("adapter:a/0", "adapter:b/0"):
        part(page, identifier).focus()
        is_current(page, identifier)
    page.locator(".nd-form input[name=ip_address]").fill("10.0.0.9/24")
    page.keyboard.press("Tab")
    says(page, "10.0.0.9/24")
    addresses = [str(vm.network_adapters[0].ip_address) for vm in load(path).vms]
    assert addresses == ["None", "10.0.0.9/24"]


def test_a_lab_of_two_levels_is_made_by_mouse_alone(page, shown):
    path = shown()
    click(page, "host")
    press_button(page, "Put behind NAT")
    says(page, "has a NAT of 192.168.100.0/24")
    click(page, "host")
    press_button(page, "Add VM")
    says(page, "Added vm1")
    press_button(page, "Make nested host")
    says(page, "vm1 is a nested host now")
    is_current(page, "vm1")
    expect(page.get_by_role("button", name="Make nested host")).to_be_disabled()
    press_button(page, "Bridge")
    says(page, "VMs inside vm1 can be bridged now")
    press_button(page, "Add VM")
    says(page, "Added vm2 to vm1")
    press_button(page, "Duplicate")
    says(page, "Added VM vm1/vm3, a copy of VM vm1/vm2.")
    assert_two_levels(path, ["vm1", "vm1/vm2", "vm1/vm3"])
    click(page, "switch:host/NAT")
    press_button(page, "Delete")
    says(page, "Deleted switch NAT of host. Also removed: the link of 1 adapter.")
    press_button(page, "Undo")
    says(page, "Edit undone.")
    is_current(page, "switch:host/NAT")
    assert_two_levels(path, ["vm1", "vm1/vm2", "vm1/vm3"])
    for _ in range(6):
        press_button(page, "Undo")
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    assert path.read_text(encoding="utf-8") == NOTHING


def test_a_lab_of_two_levels_is_made_by_keyboard_alone(page, shown):
    path = shown()
    part(page, "host").focus()
    keys(page, "t")
    says(page, "has a NAT of 192.168.100.0/24")
    keys(page, "v")
    says(page, "Added vm1")
    keys(page, "i")
    says(page, "Added vm2 to vm1")
    keys(page, "Control+d")
    says(page, "Added VM vm1/vm3, a copy")
    is_current(page, "vm1/vm3")
    has_focus(page, "vm1/vm3")
    assert_two_levels(path, ["vm1", "vm1/vm2", "vm1/vm3"])
    keys(page, "Enter")
    expect(page.locator(".nd-form :is(input, select)").first).to_be_focused()
    keys(page, "Escape")
    has_focus(page, "vm1/vm3")
    keys(page, "Delete")
    says(page, "Deleted VM vm1/vm3.")
    has_focus(page, "vm1")


def assert_two_levels(path, vms):
    """Check that a file has these VMs, validates, and that each of them reaches the internet."""
    topology = load(path)
    assert ["/".join(machine) for machine, _ in topology.machines() if machine] == vms
    assert [f.code for f in validate(topology) if f.severity == "error"] == []
    assert all(trace(topology, vm, "internet").reachable for vm in vms)


MANY = (
    "name: lab\nswitches: [{name: Net, switch_type: Internal, ip_address: 10.0.0.1/23, nat: 10.0.0.0/23}]\nvms:\n"
    + "".join(
        f"  - {{name: 'w{n}', network_adapters: [{{switch: Net, ip_address: '10.0.{n // 200}.{n % 200 + 10}/23'}}]}}\n"
        for n in range(60)
    )
)
HOSTS = """name: lab
switches: [{name: Net, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}]
vms:
  - name: HV1
    memory_startup: 16GB
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Out, switch: Net, ip_address: 10.0.0.11/24, gateway: 10.0.0.1}]
    nested:
      switches: [{name: In, switch_type: Internal, ip_address: 10.1.0.1/24, nat: 10.1.0.0/24}]
      vms: [{name: web1, network_adapters: [{switch: In, ip_address: 10.1.0.2/24, gateway: 10.1.0.1}]}]
  - {name: a, network_adapters: [{switch: Net, ip_address: 10.0.0.21/24, gateway: 10.0.0.1}]}
  - {name: b, network_adapters: [{switch: Net, ip_address: 10.0.0.22/24, gateway: 10.0.0.1}]}
"""


def box(page, identifier):
    """Return where a box or a bar is, once what has changed is drawn."""
    wait_until_drawn(page)
    return part(page, identifier).locator(".box, .switch-bar").first.bounding_box()


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end, steps=4)


def middle(page, identifier):
    found = box(page, identifier)
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


def selected(page):
    return sorted(
        page.locator(".nd-canvas .part:is(.selected, .also)").evaluate_all(
            "(all) => all.map((each) => each.dataset.id)"
        )
    )


def in_view(page, identifier):
    return part(page, identifier).evaluate(
        """(node) => {
            const part = node.getBoundingClientRect();
            const canvas = node.closest('.nd-canvas').getBoundingClientRect();
            return part.left < canvas.right && part.right > canvas.left
                && part.top < canvas.bottom && part.bottom > canvas.top;
        }"""
    )


def scrolled(page):
    return page.locator(".nd-canvas").evaluate("(el) => [el.scrollLeft, el.scrollTop]")


def fits(page):
    return page.locator(".nd-canvas").evaluate(
        "(el) => [el.scrollWidth <= el.clientWidth + 1, el.scrollHeight <= el.clientHeight + 1]"
    )


def test_a_large_lab_is_zoomed_scrolled_and_searched(page, shown):
    shown(MANY)
    sizes = page.locator(".nd-canvas text").evaluate_all(
        "(all) => all.map((t) => t.closest('svg').firstElementChild.getScreenCTM().a * parseFloat(t.getAttribute('font-size')))"
    )
    assert min(sizes) >= 9.9, "texts are readable when a designer opens"
    expect(page.locator(".nd-minimap")).to_be_visible()
    click(page, "host")
    x, y = middle(page, "w0")
    before = box(page, "w0")
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    page.wait_for_function(
        "(width) => document.querySelector('.nd-canvas [data-id=w0] .box').getBoundingClientRect().width > width",
        arg=before["width"] + 1,
    )
    after = box(page, "w0")
    assert after["x"] <= x <= after["x"] + after["width"], "what is at the pointer stays there"
    assert after["y"] <= y <= after["y"] + after["height"]
    at = scrolled(page)
    host = box(page, "host")
    start = (max(host["x"], page.locator(".nd-canvas").bounding_box()["x"]) + 300, host["y"] + 8)
    drag(page, start, (start[0] - 120, start[1]))
    page.mouse.up()
    eventually(page, lambda: scrolled(page)[0] > at[0], True)
    press_button(page, "Fit")
    eventually(page, lambda: fits(page), [True, True])
    part(page, "host").focus()
    keys(page, "z", "+", "+", "+", "+", "+", "+", "+", "+", "/")
    expect(page.get_by_label("Find a part by name or address")).to_be_focused()
    page.keyboard.type("w57")
    says(page, "Parts found: 2")
    keys(page, "Enter")
    is_current(page, "w57")
    eventually(page, lambda: in_view(page, "w57"), True)
    keys(page, "Escape")
    has_focus(page, "w57")
    keys(page, "f")
    page.wait_for_function("() => document.fullscreenElement?.matches('.nestlab-designer')")
    keys(page, "f")
    page.wait_for_function("() => !document.fullscreenElement")


def test_an_adapter_is_hit_from_some_pixels_away(page, shown):
    shown(HOSTS)
    wait_until_drawn(page)
    points = part(page, "adapter:a/0").locator(".line").first.bounding_box()
    page.mouse.click(points["x"] + points["width"] / 2 + 9, points["y"] + points["height"] / 2)
    is_current(page, "adapter:a/0")
    click(page, "a")


def test_several_parts_and_moves_between_hosts_by_mouse(page, shown):
    path = shown(HOSTS)
    click(page, "a")
    part(page, "b").locator(".box").click(position={"x": 6, "y": 4}, modifiers=["Shift"])
    says(page, "Parts selected: 2")
    eventually(page, lambda: selected(page), ["a", "b"])
    press_button(page, "Duplicate")
    says(page, "Added copies of 2 parts.")
    press_button(page, "Undo")
    says(page, "Edit undone.")
    click(page, "b")
    one, other = box(page, "a"), box(page, "b")
    page.keyboard.down("Shift")
    drag(
        page,
        (min(one["x"], other["x"]) - 6, min(one["y"], other["y"]) - 6),
        (
            max(one["x"] + one["width"], other["x"] + other["width"]) + 6,
            max(one["y"] + one["height"], other["y"] + other["height"]) + 6,
        ),
    )
    page.mouse.up()
    page.keyboard.up("Shift")
    eventually(page, lambda: {"a", "b"} <= set(selected(page)), True)
    click(page, "a")
    web = box(page, "HV1/web1")
    drag(page, middle(page, "a"), (web["x"] + web["width"] / 2, web["y"] + web["height"] + 8))
    expect(page.locator(".nd-ghost-name")).to_have_text("a")
    page.mouse.up()
    says(page, "Moved VM a to HV1.")
    moved = load(path).machine(("HV1", "a")).network_adapters[0]
    assert (moved.switch, str(moved.ip_address)) == ("In", "10.1.0.3/24")
    part(page, "b").locator(".box").click(position={"x": 6, "y": 4}, button="right")
    menu = page.get_by_role("menu", name="Actions")
    expect(menu.get_by_role("menuitem", name="Make nested host")).to_be_enabled()
    menu.get_by_role("menuitem", name="Delete").click()
    says(page, "Deleted VM b.")
    expect(menu).to_have_count(0)


def test_several_parts_and_moves_between_hosts_by_keyboard(page, shown):
    path = shown(HOSTS)
    part(page, "a").focus()
    keys(page, "Control+c")
    says(page, "Parts copied: 1")
    part(page, "HV1").focus()
    keys(page, "Control+v")
    says(page, "Added VM HV1/a1, a copy of VM a.")
    part(page, "b").focus()
    keys(page, "Control+x")
    says(page, "Parts to be moved: 1")
    part(page, "HV1").focus()
    keys(page, "Control+v")
    says(page, "Moved VM b to HV1.")
    is_current(page, "HV1/b")
    assert [vm.name for vm in load(path).vms] == ["HV1", "a"]
    keys(page, "Control+a")
    says(page, "Parts selected: 3")
    eventually(page, lambda: selected(page), ["HV1/a1", "HV1/b", "HV1/web1"])
    keys(page, "Delete")
    says(page, "Deleted 3 parts.")
    is_current(page, "HV1")
    keys(page, "Shift+F10")
    menu = page.get_by_role("menu", name="Actions")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    keys(page, "ArrowDown", "ArrowDown", "Enter")
    says(page, "Added vm1 to HV1.")
    has_focus(page, "HV1/vm1")


def test_an_edit_does_not_overtake_what_was_selected_before_it(page, shown):
    shown(HOSTS, SLOW)
    part(page, "b").focus()
    keys(page, "Control+x")
    part(page, "HV1").focus()
    keys(page, "Control+v")
    says(page, "Moved VM b to HV1.")
    is_current(page, "HV1/b")
    page.wait_for_timeout(3000)  # longer than a selection that is still on its way takes
    is_current(page, "HV1/b")


def corner(page, identifier):
    """Press what folds a nested host."""
    part(page, identifier).locator(".nd-fold").click()


def test_a_host_is_folded_by_mouse_by_keyboard_and_in_the_menu(page, shown):
    path = shown(HOSTS)
    before = path.read_bytes()
    click(page, "HV1")
    corner(page, "HV1")
    says(page, "Folded HV1.")
    expect(part(page, "HV1/web1")).to_have_count(0)
    expect(part(page, "HV1")).to_contain_text("1 VM inside")
    click(page, "a")
    press_button(page, "Duplicate")
    says(page, "Added VM a1")
    expect(part(page, "HV1/web1")).to_have_count(0)
    press_button(page, "Undo")
    says(page, "Edit undone.")
    assert path.read_bytes() == before
    part(page, "HV1").focus()
    keys(page, "e")
    says(page, "Unfolded HV1.")
    expect(part(page, "HV1/web1")).to_have_count(1)
    has_focus(page, "HV1")
    part(page, "HV1").locator(".box").click(position={"x": 30, "y": 4}, button="right")
    page.get_by_role("menuitem", name="Fold or unfold").click()
    says(page, "Folded HV1.")
    press_button(page, "Add VM inside")
    says(page, "to HV1.")
    expect(part(page, "HV1/web1")).to_have_count(1)
    part(page, "host").focus()
    press_button(page, "Fold or unfold")
    says(page, "Folded HV1.")
    is_current(page, "host")


def test_a_lab_is_begun_from_a_template_and_worked_on(page, shown):
    path = shown()
    page.get_by_label("Fill an empty topology from a template").select_option("vlan-trunk")
    says(page, "Filled from a template. VLAN trunk")
    expect(part(page, "HV1/db1")).to_have_count(1)
    topology = load(path)
    assert [f.code for f in validate(topology) if f.severity == "error"] == []
    assert trace(topology, "HV1/web1", "internet").reachable
    part(page, "HV1").focus()
    is_current(page, "HV1")
    keys(page, "v")
    says(page, "Added vm1 to HV1")
    page.get_by_label("Fill an empty topology from a template").select_option("nat")
    says(page, "has parts of its own")
    part(page, "host").focus()
    keys(page, "Control+z", "Control+z")
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    assert path.read_text(encoding="utf-8") == NOTHING


LIVE = """
import nestlab
from nestlab.notebook import PlanPanel
panel = PlanPanel(nestlab.Lab(designer.topology, nestlab.connect("sim:ws2022-intel")))
designer.follow(panel)
display(panel)
"""
SMALL = """name: live
switches: [{name: Net, switch_type: Private}]
vms: [{name: web1, state: 'Off', network_adapters: [{switch: Net}]}]
"""


def test_the_picture_follows_what_the_plan_panel_applies(page, shown):
    shown(SMALL, LIVE)
    expect(part(page, "web1")).to_have_class(re.compile("s-planned"), timeout=30_000)
    expect(page.locator(".nd-states")).to_contain_text("planned: 2")
    page.locator("button.widget-button", has_text="Apply all").click()
    expect(part(page, "web1")).to_have_class(re.compile("s-done"), timeout=60_000)
    expect(part(page, "switch:host/Net")).to_have_class(re.compile("s-done"))
    expect(part(page, "web1")).to_have_attribute("aria-label", re.compile(r"VM web1.*\. done"))
    expect(page.locator(".nd-states")).to_contain_text("done: 2")


def test_the_file_beside_the_canvas_is_edited_both_ways_with_errors_at_their_line(page, shown):
    path = shown(HOSTS)
    press_button(page, "File")
    area = page.get_by_label("Text of the file")
    expect(area).to_have_value(HOSTS)
    area.fill(HOSTS.replace("name: a,", "name: web9,"))
    expect(part(page, "web9")).to_have_count(1)
    expect(page.locator(".nd-file-said")).to_contain_text("✓")
    assert "name: web9," in path.read_text(encoding="utf-8")
    part(page, "web9").focus()
    keys(page, "Delete")
    says(page, "Deleted VM web9.")
    expect(area).not_to_have_value(re.compile("web9"))
    assert area.input_value() == path.read_text(encoding="utf-8")
    kept = path.read_bytes()
    area.fill(kept.decode().replace("Internal", "Inside", 1))
    expect(page.locator(".nd-lines .error")).to_have_text("2\n")
    page.locator(".nd-file-said .error button").click()
    expect(area).to_be_focused()
    assert path.read_bytes() == kept
    keys(page, "Escape")
    expect(area).to_have_value(kept.decode())
    some_part_has_focus(page)
    keys(page, "Control+z", "Control+z")
    expect(area).to_have_value(HOSTS)
    assert path.read_text(encoding="utf-8") == HOSTS


def test_a_folded_host_shows_the_worst_state_inside(page, shown):
    shown(HOSTS, "designer.states = {'HV1': 'done', 'HV1/web1': 'failed'}")
    expect(part(page, "HV1")).to_have_class(re.compile("s-done"))
    expect(part(page, "HV1/web1")).to_have_class(re.compile("s-failed"))
    corner(page, "HV1")
    expect(part(page, "HV1/web1")).to_have_count(0)
    expect(part(page, "HV1")).to_have_class(re.compile("s-failed"))
    corner(page, "HV1")
    expect(part(page, "HV1")).to_have_class(re.compile("s-done"))


def test_text_that_was_typed_and_deleted_does_not_revert_a_later_edit(page, shown):
    path = shown(HOSTS)
    press_button(page, "File")
    area = page.get_by_label("Text of the file")
    expect(area).to_have_value(HOSTS)
    area.focus()
    keys(page, "x", "Backspace")
    expect(page.locator(".nd-file-said")).to_contain_text("✓")
    part(page, "host").focus()
    keys(page, "v")
    says(page, "Added vm1")
    expect(area).to_have_value(re.compile("vm1"))
    area.press("Control+End")
    keys(page, "#")
    says(page, "Text applied.")
    assert "vm1" in [vm.name for vm in load(path).vms]


def test_a_text_with_errors_is_discarded_with_escape_before_the_next_edit(page, shown):
    path = shown(HOSTS)
    press_button(page, "File")
    area = page.get_by_label("Text of the file")
    area.fill(HOSTS.replace("Internal", "Inside", 1))
    expect(page.locator(".nd-lines .error")).to_have_count(1)
    part(page, "host").focus()
    keys(page, "v")
    says(page, "The text of the file has errors")
    assert path.read_text(encoding="utf-8") == HOSTS
    area.press("Escape")
    some_part_has_focus(page)
    keys(page, "v")
    says(page, "Added vm1")
    expect(area).to_have_value(re.compile("vm1"))
