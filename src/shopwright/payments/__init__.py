"""Payments: what crosses the gateway port, as values, and the errors of those who could not answer.

`operations` names what is asked and under which key, `capabilities` what a gateway can do, `requests` and `outcomes` are the two
sides of a call, `notifications` what the provider pushes, `ledger` what it settled, `errors` the tree of failures.
"""
