"""Fraud rules over what is known of a payment: pure values and functions, usable alone.

`facts` are what is known, `velocities` how often something happened of late, `conditions` what a rule asks, `rules` what follows and why, and
`rehearsing` tries rules on past payments.
"""
