"""Flows of what is kept sealed: the boxes of persons, their erasure, and the rotation of masters."""
