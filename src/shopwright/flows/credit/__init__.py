"""Money that the shop itself keeps, in the store: read, decided and written with its guard."""
