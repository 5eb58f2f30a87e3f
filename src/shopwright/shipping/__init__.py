"""Shipping: what crosses the carrier port, as values.

`parcels` are what is sent and between whom, `rates` what it costs, `bookings` what was ordered from the carrier, `tracking` what
the carrier reports, `capabilities` what it can do.
"""
