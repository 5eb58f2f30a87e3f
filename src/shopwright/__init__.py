"""Shopwright: the whole business of an online mall as plain values and pure functions."""
