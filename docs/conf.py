"""How the manual is built: Sphinx reads MyST Markdown; the API pages are made from docstrings, without importing the package."""

from importlib.metadata import version as installed

project = "Shopwright"
author = "The Shopwright developers"
copyright = "2026, the Shopwright developers"
version = release = installed("shopwright")

extensions = ["myst_parser", "autodoc2"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "Shopwright"

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc2_packages = ["../src/shopwright"]
autodoc2_output_dir = "reference/api"
autodoc2_render_plugin = "myst"
autodoc2_docstring_parser_regexes = [(r".*", "myst")]
autodoc2_hidden_objects = {"private", "dunder", "inherited"}
autodoc2_sort_names = False

# References are checked within the house; the standard library and other packages are documented elsewhere.
nitpick_ignore_regex = [(r"py:.*", r"(?!shopwright\.).*"), (r"py:.*", r".*\.(type|T|K|V|P|R)")]
suppress_warnings = ["ref.python"]  # several values have a field `type`; the nearest one is meant
