"""What is checked, by name. `nox -s tests` is the one to run while working; `nox -l` lists the others with what they protect."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
EXTRAS = "alipay,postgres,fast,files,members,mt940,pictures,search,stripe,testing,wechat"
OTHER_PYTHONS = ("3.12", "3.13")
CORE = (  # what `full` holds to 95 % of its branches: the pure core, as in tests/architecture/source.py
    "changing errors refusals edges money periods ids catalog inventory members loyalty promotions pricing credit orders payments shipping "
    "returns settlement statistics reviews marketing social"
).split()

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["tests", "lint", "types", "layers"]
nox.options.reuse_venv = "yes"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False


def group(*names: str) -> tuple[str, ...]:
    """The requirements of these dependency groups of pyproject.toml."""
    return nox.project.dependency_groups(PROJECT, *names)


def install_for_tests(session: nox.Session) -> None:
    """The package as it stands in the tree, every extra, and what the tests import."""
    session.install("-e", f".[{EXTRAS}]", *group("tests", "web", "postgres"))


def made(session: nox.Session) -> Path:
    """A folder for what a session makes. Not `create_tmp`: that moves all temporary files into deep folders, too deep for sockets."""
    folder = Path(session.virtualenv.location).absolute() / "made"
    folder.mkdir(exist_ok=True)
    return folder


def pytest(session: nox.Session, *args: str) -> None:
    """Run pytest on two cores unless the caller says otherwise."""
    session.run("python", "-m", "pytest", "-n", "2", "--dist", "worksteal", *args)


@nox.session
def demo(session: nox.Session) -> None:
    """The first impression: a small mall lives its life and tells what happened."""
    on_postgres = any(arg.endswith("postgres") for arg in session.posargs)
    session.install("-e", ".[postgres]" if on_postgres else ".", *(group("postgres") if on_postgres else ()))
    session.run("python", "examples/demo/main.py", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """The behavior: every rule, on the Python that runs nox, with a PostgreSQL of its own."""
    install_for_tests(session)
    pytest(session, *session.posargs)


@nox.session
def full(session: nox.Session) -> None:
    """The promises that take minutes (kills, crashes on PostgreSQL), branch coverage of the core, and the other Pythons that are here."""
    install_for_tests(session)
    report = made(session) / "coverage"
    session.env["COVERAGE_FILE"] = str(report)
    pytest(session, "--full", "--cov=shopwright", "--cov-report=", *session.posargs)
    core = ",".join(f"*/shopwright/{name}{end}" for name in CORE for end in (".py", "/*"))
    session.run("coverage", "report", f"--include={core}", "--fail-under=95")
    for version in OTHER_PYTHONS:
        found = interpreter(version)
        if found is None or sys.version_info[:2] == tuple(map(int, version.split("."))):
            session.log(f"python {version} is not on this machine, or runs already; not tested apart")
            continue
        session.run(sys.executable, "-m", "nox", "-s", "tests", f"--force-python={found}", f"--envdir={ROOT / '.nox' / version}", external=True)


def interpreter(version: str) -> str | None:
    """The path of this Python, when there is one that starts (a version manager may offer names that do not)."""
    for name in [shutil.which(f"python{version}"), *map(str, Path.home().glob(f".pyenv/versions/{version}*/bin/python"))]:
        if name and subprocess.run([name, "--version"], capture_output=True, check=False).returncode == 0:  # noqa: S603
            return name
    return None


@nox.session
def lint(session: nox.Session) -> None:
    """The way it reads: one style, no dead code, no naive clock, no print in the library."""
    session.install(*group("lint"))
    session.run("ruff", "check", ".", *session.posargs)


@nox.session
def types(session: nox.Session) -> None:
    """What a user's type checker sees: the package, the examples and the typing tests under mypy --strict."""
    session.install("-e", f".[{EXTRAS}]", *group("types", "web", "postgres"), "nox")
    session.run("mypy", *session.posargs)


@nox.session
def layers(session: nox.Session) -> None:
    """The floors of the house: no module imports what stands above it, and each has a place."""
    session.install("-e", f".[{EXTRAS}]", *group("layers"))
    session.run("lint-imports")


@nox.session
def no_extras(session: nox.Session) -> None:
    """The bare install: without drivers, orjson or Hypothesis the core imports, and its tests pass."""
    session.install("-e", ".", "pytest")
    session.run("python", "-c", "import psycopg", success_codes=[1], silent=True)
    session.run("python", "-m", "pytest", "--noconftest", "tests/bare", *session.posargs)


@nox.session
def lowest(session: nox.Session) -> None:
    """The lower bounds we declare: the oldest direct dependencies on the oldest Python."""
    session.install("uv")
    pins = made(session) / "lowest.txt"
    extras = [f"--extra={name}" for name in PROJECT["project"]["optional-dependencies"]]
    session.run(
        "uv", "pip", "compile", "-q", "pyproject.toml", "--resolution=lowest-direct", f"--python-version={oldest_python()}", *extras, "-o", str(pins)
    )
    session.install("-c", str(pins), "-e", f".[{EXTRAS}]", *group("tests", "web", "postgres"))
    session.run("python", "-m", "pytest", *session.posargs)


def oldest_python() -> str:
    """The first version in `requires-python`."""
    return str(PROJECT["project"]["requires-python"]).removeprefix(">=")


@nox.session
def docs(session: nox.Session) -> None:
    """The manual: it builds without a warning, every reference resolves."""
    session.install("-e", f".[{EXTRAS}]", *group("docs"))
    session.run("python", "-m", "sphinx", "-n", "-W", "--keep-going", "-q", "-b", "html", "docs", "docs/_build/html", *session.posargs)


@nox.session
def downstream(session: nox.Session) -> None:
    """Other people's code: the example plug-ins, installed as distributions, pass their own tests."""
    plugins = sorted(path.parent for path in ROOT.glob("examples/plugins/*/pyproject.toml"))
    session.install(".[testing]", *map(str, plugins), "pytest")
    for plugin in plugins:
        session.run("python", "-m", "pytest", "-c", str(plugin / "pyproject.toml"), str(plugin), *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """What is really shipped: the tests against the built wheel, from a place where src/ is out of reach."""
    session.install("build")
    place = made(session)
    shutil.rmtree(place / "tree", ignore_errors=True)
    session.run("python", "-m", "build", "--wheel", "--outdir", str(place / "dist"), silent=True)
    built = max((place / "dist").glob("*.whl"), key=lambda path: path.stat().st_mtime)
    session.install(f"{built}[{EXTRAS}]", *group("tests", "web", "postgres"))
    session.install("--force-reinstall", "--no-deps", str(built))  # the version is that of the last build, the content is not
    shutil.copytree(ROOT, place / "tree", ignore=shutil.ignore_patterns("src", ".git", ".nox", ".peers", "__pycache__", ".venv"))
    session.env.setdefault("SHOPWRIGHT_DATA", str(ROOT.parent / "shared" / "data"))
    session.env.setdefault("SHOPWRIGHT_PEERS", str(ROOT / ".peers"))
    session.chdir(place / "tree")
    pytest(session, *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """The speed: against hand-written SQL and the peers, with equal answers asserted first."""
    session.install("-e", f".[{EXTRAS}]", *group("bench", "postgres"))
    session.run("python", "-m", "tests.benchmarks", *session.posargs)
