"""A plug-in whose extra is not installed."""

from __future__ import annotations

import no_such_distribution_of_an_extra

Gateway = no_such_distribution_of_an_extra
