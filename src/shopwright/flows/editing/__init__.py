"""Edits of orders that are placed: shown before they happen, and done as they were shown."""
