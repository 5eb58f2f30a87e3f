"""How the linter reasons: conditions in a normal form, and whether any basket at all meets them. Start at `shopwright.promotions.lint`."""
