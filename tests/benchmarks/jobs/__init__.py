"""One module per job, each with `rows(session)`."""

HERE = "tests.benchmarks.jobs"

JOBS = {
    "import": f"{HERE}.importing",
    "money": f"{HERE}.money",
    "transition": f"{HERE}.transition",
    "promotion-conditions": f"{HERE}.promotion_conditions",
    "promotion-trace": f"{HERE}.promotion_trace",
    "promotions": f"{HERE}.promotions",
    "allocation": f"{HERE}.allocation",
    "codec": f"{HERE}.codec",
    "overhead": f"{HERE}.overhead",
    "points-fifo": f"{HERE}.points_fifo",
    "tier-batch": f"{HERE}.tier_batch",
    "points-balance": f"{HERE}.points_balance",
    "points-posting": f"{HERE}.points_posting",
    "catalog-import": f"{HERE}.catalog_import",
    "search": f"{HERE}.search",
    "place-order": f"{HERE}.place_order",
    "oscar": f"{HERE}.against_oscar",
    "rest-of-life": f"{HERE}.rest_of_life",
    "hot-sku": f"{HERE}.hot_sku",
    "hot-ways": f"{HERE}.hot_ways",
}
"""Names for `--only`, in the order of a run: short jobs first."""
