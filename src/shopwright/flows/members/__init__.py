"""Flows of members: who they are, how they are reached, and how they are forgotten."""
