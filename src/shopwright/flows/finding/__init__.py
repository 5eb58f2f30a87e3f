"""Flows of finding orders: the index of their terms, kept in step with what happens to them, and asked."""
