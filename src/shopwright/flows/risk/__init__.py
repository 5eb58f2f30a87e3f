"""Flows that judge payments: what is known is gathered, engines are asked, rules decide, and what happened is remembered."""
