"""What each layer is held to. Add a layer where its tool prints nothing; then it stays so.

======  ==============================================  =========================================
list    held to                                         tool
======  ==============================================  =========================================
WORDS   plain English in the field's terms              python tests/project/words.py nestlab/plan
SIZE    functions of 50 lines and 25 statements,        python tests/project/sizes.py nestlab/plan
        modules of 300 lines and 220 statements
WIDTH   comments and docstrings within 100 columns      python tests/project/sizes.py nestlab/plan
======  ==============================================  =========================================
"""

WORDS = (
    "nestlab/simulator",
    "nestlab/__init__.py",
    "nestlab/__main__.py",
    "nestlab/bootstrap.py",
    "nestlab/cli",
    "nestlab/constants",
    "nestlab/html.py",
    "nestlab/observe",
    "nestlab/transport",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs",
    "notebooks",
    "tools",
    "nestlab/notebook",
    "nestlab/apply",
    "nestlab/lab",
    "nestlab/plan",
    "nestlab/known_errors",
    "nestlab/rules",
)
SIZE = (
    "nestlab/simulator",
    "nestlab/constants",
    "nestlab/__init__.py",
    "nestlab/__main__.py",
    "nestlab/errors.py",
    "nestlab/html.py",
    "nestlab/visible.py",
    "nestlab/cli",
    "nestlab/known_errors",
    "tools",
    "nestlab/notebook",
    "nestlab/apply",
    "nestlab/lab",
    "nestlab/plan",
    "nestlab/rules",
)
WIDTH = (
    "nestlab/simulator",
    "nestlab/__init__.py",
    "nestlab/__main__.py",
    "nestlab/bootstrap.py",
    "nestlab/cli",
    "nestlab/html.py",
    "tools",
    "nestlab/notebook",
    "nestlab/apply",
    "nestlab/lab",
    "nestlab/plan",
    "nestlab/known_errors",
    "nestlab/rules",
)
