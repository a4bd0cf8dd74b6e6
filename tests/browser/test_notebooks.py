"""The notebooks in JupyterLab: run by hand, their panels worked by mouse and by keyboard, and what became of the host."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.lab_page import (
    NOTEBOOK,
    button,
    dark_theme,
    error_texts,
    open_notebook,
    place,
    restart_and_run_all,
    run_all,
    run_cell,
    tab_to,
    wait_until_drawn,
)

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CONNECT = """
import nestlab
from nestlab.model import Cmdlet
from nestlab.notebook import PlanPanel
host = nestlab.connect("sim:ws2022-intel?time_scale={scale}")
lab = nestlab.Lab(nestlab.load("topologies/nat-lab.yml"), host, journal="{journal}")
panel = PlanPanel(lab)
panel
"""
PROBE = """
print("VMs:", ", ".join(sorted(vm["Name"] for vm in host.run(Cmdlet("Get-VM")))))
print("Switches:", ", ".join(switch["Name"] for switch in host.run(Cmdlet("Get-VMSwitch"))))
"""


@pytest.fixture(autouse=True)
def quiet_console(page):
    """Fail where the page reports an error of a script."""
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: (
            errors.append(message.text) if message.type == "error" and _ours(message) else None
        ),
    )
    yield
    assert errors == []


def _ours(message):
    # A notebook opened anew has no workspace yet, and the server says so with 404.
    return "404" not in message.text


def written(server, name, *sources):
    place(server, NOTEBOOKS / "00-start-here.ipynb")  # brings the topologies along
    cells = [new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)]
    kernel = {
        "kernelspec": {
            "name": "python3",
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
        }
    }
    nbformat.write(new_notebook(cells=cells, metadata=kernel), server.folder / name)
    return name


def start(page, server, stem):
    """Open a shipped notebook and run it from top to bottom."""
    name = place(server, next(NOTEBOOKS.glob(f"{stem}*.ipynb")))
    open_notebook(page, server, name)
    run_all(page)
    assert error_texts(page) == []


def status(page, text):
    return expect(page.get_by_role("status").filter(has_text=text).first)


def probe(page):
    """Run the last cell, which asks the host, and return what it printed."""
    count = page.evaluate("() => window.jupyterapp.shell.currentWidget.content.model.cells.length")
    return run_cell(page, count - 1)


def test_start_here_connects_by_mouse_and_by_keyboard(page, jupyter_server):
    start(page, jupyter_server, "00")
    button(page, "Connect").click()
    status(page, "Connected to sim:ws2022-intel").to_be_visible()
    address = page.get_by_role("combobox", name="Host")
    address.fill("sim:ws2099")
    tab_to(page, button(page, "Connect"))
    page.keyboard.press("Space")
    status(page, "ws2022-intel").to_contain_text("✗")
    address.fill("winrms://hv01.contoso.com")
    password = page.get_by_label("Password")
    password.fill("Wd-4711-geheim")
    password.press("Tab")
    expect(password).to_have_value("")
    address.fill("sim:ws2022-intel")
    expect(password).to_be_hidden()


@pytest.mark.parametrize("stem", ["01", "02"])
def test_notebooks_about_a_host_run_and_run_again(page, jupyter_server, stem):
    start(page, jupyter_server, stem)
    restart_and_run_all(page)
    assert error_texts(page) == []


def test_the_plan_is_worked_through_by_keyboard(page, jupyter_server):
    name = written(
        jupyter_server, "plan-keys.ipynb", CONNECT.format(scale=0, journal="plan-keys.jsonl"), PROBE
    )
    open_notebook(page, jupyter_server, name)
    run_all(page)
    assert error_texts(page) == []
    steps = page.get_by_role("list", name="Steps of the plan")
    first = steps.get_by_role("listitem").first
    expect(button(page, "Undo")).to_be_disabled()
    steps.focus()
    tab_to(page, button(page, "Next step"), key="Shift+Tab")
    page.keyboard.press("Space")
    expect(first.get_by_role("img", name="done")).to_be_visible()
    expect(button(page, "Apply all")).to_be_enabled()
    tab_to(page, button(page, "Apply all"), limit=1)
    page.keyboard.press("Enter")
    status(page, "the host matches the topology").to_be_visible()
    expect(button(page, "Apply all")).to_be_disabled()
    assert "HV1" in probe(page)
    expect(button(page, "Verify")).to_be_enabled()
    steps.focus()  # the probe has taken the focus to its cell
    tab_to(page, button(page, "Verify"), key="Shift+Tab")
    page.keyboard.press("Enter")
    status(page, "3 of 3 checks passed").to_be_visible()
    expect(button(page, "Destroy")).to_be_enabled()  # one that is not has no place in the order
    steps.focus()
    tab_to(page, button(page, "Destroy"), key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(button(page, "No, keep them")).to_be_visible()
    tab_to(
        page, button(page, "No, keep them"), limit=4
    )  # two boxes about what is of others, then yes
    page.keyboard.press("Space")
    expect(button(page, "Yes, remove them")).to_be_hidden()
    assert "HV1" in probe(page)
    button(page, "Destroy").click()
    button(page, "Yes, remove them").click()
    status(page, "Objects that other VMs depend on are kept").to_be_visible()
    left = probe(page)
    assert "HV1" not in left
    assert "dc-archive" in left


def test_the_plan_is_cancelled_continued_and_undone_by_mouse(page, jupyter_server):
    name = written(
        jupyter_server,
        "plan-mouse.ipynb",
        CONNECT.format(scale=0.04, journal="plan-mouse.jsonl"),
        PROBE,
    )
    open_notebook(page, jupyter_server, name)
    run_all(page)
    assert error_texts(page) == []
    steps = page.get_by_role("list", name="Steps of the plan")
    steps.locator("summary").first.click()
    expect(steps.locator("pre").first).to_contain_text("New-VMSwitch")
    button(page, "Apply all").click()
    expect(button(page, "Apply all")).to_be_disabled()
    expect(steps.get_by_text("Waiting for HV1")).to_be_visible()
    button(page, "Cancel").click()
    status(page, "Stopped. No later step was run.").to_be_visible()
    expect(button(page, "Cancel")).to_be_disabled()
    assert "HV1" in probe(page)
    button(page, "Apply all").click()
    status(page, "the host matches the topology").to_be_visible()
    button(page, "Undo").click()
    button(page, "Yes, remove what it created").click()
    status(page, "the earlier values are restored").to_be_visible()
    expect(button(page, "Undo")).to_be_disabled()
    left = probe(page)
    assert "HV1" not in left
    assert "LabNet" not in left
    button(page, "Plan again").click()
    status(page, re.compile("10 steps to apply")).to_be_visible()


def test_apply_step_by_step_runs_and_runs_again(page, jupyter_server):
    start(page, jupyter_server, "04")
    restart_and_run_all(page)
    assert error_texts(page) == []


def test_a_topology_is_designed_by_mouse_and_by_keyboard(page, jupyter_server):
    start(page, jupyter_server, "03")
    shipped = (jupyter_server.folder / "topologies" / "bridged-lab.yml").read_text(encoding="utf-8")
    canvas = page.get_by_role("application", name="Topology canvas")
    page.get_by_role("toolbar", name="Topology designer").scroll_into_view_if_needed()
    form = page.get_by_role("form", name="Properties")
    part(canvas, "HV1").locator("text").first.click()
    expect(form.get_by_role("heading")).to_have_text("HV1")
    page.get_by_role("button", name="Add VM", exact=True).click()
    expect(part(canvas, "HV1/vm1")).to_be_visible()
    expect(form).to_have_attribute("data-id", "HV1/vm1")
    form.get_by_label("Memory", exact=True).fill("3GB")
    form.get_by_label("Memory", exact=True).press("Tab")
    expect(part(canvas, "HV1/vm1")).to_contain_text("3 GB")
    a_refusal_goes_when_somebody_types_again(page, form)
    escape_leaves_what_was_refused(page, form)
    escape_ends_a_link(page, canvas)
    link_by_mouse_and_by_keyboard(page, canvas, form)
    move_by_mouse_and_by_keyboard(page, canvas)
    part(canvas, "HV1/vm1").focus()
    page.keyboard.press("Delete")
    expect(part(canvas, "HV1/vm1")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(part(canvas, "HV1/vm1")).to_be_visible()
    own = jupyter_server.folder / "my-lab.yml"
    assert "memory_startup: 3GB" in own.read_text(encoding="utf-8")
    assert "HV1/vm1" in own.with_name("my-lab.yml.layout.json").read_text(encoding="utf-8")
    assert (jupyter_server.folder / "topologies" / "bridged-lab.yml").read_text(
        encoding="utf-8"
    ) == shipped
    restart_and_run_all(page)
    assert error_texts(page) == []
    page.get_by_role("toolbar", name="Topology designer").scroll_into_view_if_needed()
    expect(part(canvas, "HV1/vm1")).to_be_visible()
    trace_by_hand(page)


def a_refusal_goes_when_somebody_types_again(page, form):
    memory, refusal = form.get_by_label("Memory", exact=True), status(page, "Memory must be a size")
    memory.fill("lots")
    memory.press("Tab")
    refusal.to_be_visible()
    expect(memory).to_have_value("lots")
    expect(memory).to_have_attribute("aria-invalid", "true")
    memory.fill("3GB")
    refusal.to_have_count(0)
    expect(memory).not_to_have_attribute("aria-invalid", "true")


def escape_leaves_what_was_refused(page, form):
    memory = form.get_by_label("Memory", exact=True)
    memory.fill("many")
    memory.press("Enter")
    expect(memory).to_have_attribute("aria-invalid", "true")
    memory.press("Escape")
    expect(form.get_by_label("Memory", exact=True)).to_have_value("3GB")


def escape_ends_a_link(page, canvas):
    """The prompt goes, and the next Enter links nothing."""
    prompt = page.locator(".nd-live", has_text="Escape cancels")
    part(canvas, "HV1/vm1").focus()
    page.keyboard.press("l")
    expect(prompt).to_have_count(1)
    page.keyboard.press("Escape")
    expect(prompt).to_have_count(0)
    expect(page.locator(".nd-live")).to_have_text("")


def link_by_mouse_and_by_keyboard(page, canvas, form):
    adapter, disconnected = (
        part(canvas, "adapter:HV1/vm1/0"),
        canvas.locator("polyline.disconnected"),
    )
    for link in (link_by_mouse, link_by_keyboard):
        adapter.focus()
        expect(form.get_by_role("heading")).to_have_text("HV1/vm1/Network Adapter")
        form.get_by_label("Switch").select_option("(not connected)")
        expect(disconnected).to_have_count(1)
        link(page, canvas)
        expect(disconnected).to_have_count(0)


def link_by_mouse(page, canvas):
    page.get_by_role("button", name="Link", exact=True).click()
    part(canvas, "switch:HV1/Bridge").locator("rect").first.click()


def link_by_keyboard(page, canvas):
    part(canvas, "HV1/vm1").focus()
    page.keyboard.press("l")
    page.keyboard.press("Enter")


def move_by_mouse_and_by_keyboard(page, canvas):
    vm = part(canvas, "HV1/vm1")
    wait_until_drawn(page)
    before = vm.get_attribute("transform")
    box = vm.locator("rect.box").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 20, steps=5)  # still inside its host
    page.mouse.up()
    expect(vm).not_to_have_attribute("transform", before)
    dragged = vm.get_attribute("transform")
    vm.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(vm).not_to_have_attribute("transform", dragged)


def part(canvas, part_id):
    return canvas.locator(f'[data-id="{part_id}"]')


def trace_by_hand(page):
    """Choose other endpoints in the trace panel, in the dark."""
    dark_theme(page)
    target = page.get_by_label("To", exact=True)
    target.scroll_into_view_if_needed()
    ground = page.locator(f"{NOTEBOOK} svg.nestlab-page .ground")
    expect(ground).to_have_css("fill", "rgb(20, 25, 31)")
    target.select_option("HV1")
    expect(page.locator(".widget-html", has_text="web1 → HV1: reachable")).to_be_visible()
    dark_theme(page, dark=False)
    expect(ground).to_have_css("fill", "rgb(255, 255, 255)")
