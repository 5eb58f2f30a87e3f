"""Flows of statistics: record visits, count what happened, report what was counted."""
