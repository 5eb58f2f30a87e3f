"""Flows of exceptions: the inbox, who works on what, and the ways in which they end."""
