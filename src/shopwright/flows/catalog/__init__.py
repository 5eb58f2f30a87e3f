"""Flows of the catalog: product groups, categories, attributes and price lists of a shop, and what files bring of them."""
