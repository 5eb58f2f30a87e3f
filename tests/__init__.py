"""The tests. `pyproject.toml` tells how they run; `docs/contributing.md` tells which to run when."""
