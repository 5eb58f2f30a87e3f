"""Subscriptions to changes: who is told what happens, in order for each order, until it is told."""
