"""Flows of points: accounts and what happens to them, and what orders earn, promise and are paid with."""
