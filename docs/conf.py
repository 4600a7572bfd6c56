"""Sphinx's configuration: `make docs` builds these pages, and every warning is an error."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# `benchmarks` and the extensions below are not installed.
sys.path[:0] = [str(ROOT), str(Path(__file__).parent / "_ext")]

import eam  # noqa: E402

project = "eam"
author = "the authors of eam"
version = release = eam.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "registries",
    "findings",
    "offline",
]
exclude_patterns = ["_build", "_ext"]
myst_heading_anchors = 3
default_role = "literal"
nitpicky = False

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = "eam"
html_copy_source = False
html_show_sphinx = False
html_static_path = ["_static"]
html_css_files = ["wide.css"]
