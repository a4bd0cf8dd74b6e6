import subprocess
import sys

HEAVY = ("matplotlib", "ipywidgets", "pypsrp", "networkx", "yaml", "numpy")


def test_import_nestlab_loads_nothing_heavy():
    code = f"import sys, nestlab; print(sorted(m for m in sys.modules if m.startswith('nestlab.') or m.partition('.')[0] in {HEAVY}))"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )


def test_the_whole_loop_on_the_simulated_host_loads_nothing_compiled():
    code = (
        "import sys, nestlab\n"
        "lab = nestlab.Lab(nestlab.Topology(name='x'), nestlab.connect())\n"
        "lab.plan(); lab.verify(); lab.check()\n"
        "print(sorted({m.partition('.')[0] for m in sys.modules} & {'matplotlib', 'ipywidgets', 'pypsrp', 'numpy', 'cryptography'}))"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )
