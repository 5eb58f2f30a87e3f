"""Programs that others wrote, at the other end of a wire: installed once, started on a port of this machine, stopped by their process.

Rules
- each is installed into a folder of its own under `.peers` (or where SHOPWRIGHT_PEERS says), once for all tests, also when two workers ask at once;
- a peer that cannot be installed skips its tests, and fails them where CI is set (`tests/surroundings.py`);
- a peer listens on 127.0.0.1 alone, and is stopped by the id of its process.
"""
