"""Everything one can plug in: each port is a few methods with meaning, and its docstrings state the promises."""
