"""`python -m shopwright.cli`, where the script is not on the path."""

from __future__ import annotations

import sys

from shopwright.cli import main

sys.exit(main())
