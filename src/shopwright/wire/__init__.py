"""Values to text and back: the only home of cattrs, so that no value knows how it is stored.

`codec.Codec` is the door. Nothing of cattrs is loaded before the first value crosses.
"""
