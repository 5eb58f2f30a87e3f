"""How the manual is built: Sphinx reads MyST Markdown; the API pages are made from docstrings, without importing the package."""

from importlib.metadata import version as installed
from typing import Any

from sphinx.domains.python import PythonDomain

project = "Shopwright"
author = "The Shopwright developers"
copyright = "2026, the Shopwright developers"
version = release = installed("shopwright")

extensions = ["myst_parser", "autodoc2", "sphinxcontrib.mermaid"]
exclude_patterns = ["_build"]
html_theme = "furo"
toc_object_entries = False  # every method of every module in the navigation of every page made most of a build
html_title = "Shopwright"

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
myst_fence_as_directive = ["mermaid"]  # so that a picture is one here and where Markdown is shown as it is

autodoc2_packages = ["../src/shopwright"]
# The doors of an adapter and of a kit are for users; the rooms behind them are for those who read the code.
autodoc2_skip_module_regexes = [
    r"shopwright\.adapters\.(postgres|sqlite)\.(?!storage$).+",
    r"shopwright\.adapters\.(fake_gateway|flat_rate)\.(book|messages).*",
    r"shopwright\.adapters\.(rows|scrubbing|signatures|tables|troubles).*",
    r"shopwright\.testing\.\w+_contract\.(?!kit$|stage$).+",
]
autodoc2_output_dir = "reference/api"
autodoc2_render_plugin = "myst"
autodoc2_docstring_parser_regexes = [(r".*", "myst")]
autodoc2_hidden_objects = {"private", "dunder", "inherited"}
autodoc2_sort_names = False

# References are checked within the house; the standard library and other packages are documented elsewhere.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!shopwright\.).*"),
    (r"py:.*", r".*\.(type|T|K|V|P|R|_\w+)"),
    *((r"py:.*", module) for module in autodoc2_skip_module_regexes),
]
suppress_warnings = ["ref.python"]  # several values have a field `type`; the nearest one is meant


def where_it_is_defined(app: Any, env: Any, node: Any, content: Any) -> Any:
    """Lead `shopwright.money.Money` to the page of the module that defines it, when just one below that package does."""
    target = str(node.get("reftarget", ""))
    if node.get("refdomain") != "py" or not target.startswith("shopwright."):
        return None
    package, _, name = target.rpartition(".")
    found = [known for known in env.domains["py"].objects if known.startswith(f"{package}.") and known.endswith(f".{name}")]
    if len(found) != 1:
        return None
    return env.domains["py"].resolve_xref(env, node["refdoc"], app.builder, "obj", found[0], node, content)


class PythonOfTheHouse(PythonDomain):
    """Sphinx's own, but a name that nothing in the house ends with (`str`, `datetime`) is not looked for in all of it."""

    ends: frozenset[str] = frozenset()
    known = 0

    def find_obj(self, env: Any, modname: Any, classname: Any, name: str, type: Any, searchmode: int = 0) -> Any:
        if self.known != len(self.objects):
            self.known, self.ends = len(self.objects), frozenset([each.rpartition(".")[2] for each in self.objects])
        if name.removesuffix("()").rpartition(".")[2] not in self.ends:
            return []
        return super().find_obj(env, modname, classname, name, type, searchmode)


def near_pages(_app: Any, _page: str, _template: str, context: Any, _doctree: Any) -> None:
    """Show in the navigation of a page what is near it: all modules on each of the pages of all modules made more than half of a build."""
    whole = context.get("toctree")
    if whole is not None:
        context["toctree"] = lambda **asked: whole(**asked | {"collapse": True})


def of_one_document(_app: Any, doctree: Any) -> None:
    """Let all nodes know their page: those of docstrings know a document of their own, and with it all of Sphinx, kept once more for each page."""
    for node in doctree.findall():
        node._document = doctree


def setup(app: Any) -> None:
    """Sphinx calls this once."""
    app.add_domain(PythonOfTheHouse, override=True)
    app.connect("doctree-read", of_one_document)
    app.connect("html-page-context", near_pages, priority=400)  # before the theme asks for it
    app.connect("missing-reference", where_it_is_defined)
