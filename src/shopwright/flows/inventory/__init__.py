"""Flows of stock: goods come in, move and are counted, what orders take is booked, and what follows from the clock."""
