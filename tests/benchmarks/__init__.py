"""How fast Shopwright is, against hand-written SQL and the libraries that people would use instead.

Run it from the project root: `python -m tests.benchmarks [--quick] [--check] [--only JOB] [--json bench.json]`.

Rules
- both sides do the same work with the same durability, and their answers are asserted equal before a clock starts;
- every number comes from slices that alternate with those of the peer in random order, because a shared machine drifts;
- a ratio above 1 means that we are faster; a goal is a floor for that ratio, written down with its reason in `goals.py`;
- no test asserts a time: only `--check` judges, and only ratios measured in the same run.
"""
