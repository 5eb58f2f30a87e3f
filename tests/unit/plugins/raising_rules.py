"""A plug-in as a module, which raises when it is asked for its parts of promotions."""

from shopwright.plugins import PromotionParts, hookimpl


@hookimpl
def shopwright_register_promotion_parts() -> PromotionParts:
    raise RuntimeError("the rules are gone")
