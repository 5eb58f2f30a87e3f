"""A small mall of our own invention: a few sellers, two dozen goods, four weeks in spring, and everything that can happen to an order.

`goods` is what is sold and to whom, `world` the shop with the people around it, `lives` what happens to an order, `days` lets it happen,
`report` tells what became of it.
"""
