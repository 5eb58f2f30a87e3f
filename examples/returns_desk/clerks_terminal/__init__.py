"""The returns desk of a mall, for a clerk at a terminal.

`mall` is the shop with its orders and cases, `words` what a clerk may type, `acting` what each command does with `shop.returns`, `telling` how
cases and money are shown, `session` the conversation.
"""
