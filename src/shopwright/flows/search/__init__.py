"""Flows of search: the index of a shop, kept in step with its catalog and its stock, made again, and asked."""
