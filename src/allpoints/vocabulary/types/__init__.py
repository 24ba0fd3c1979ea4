"""Types of fields: each knows how to clean a value, its normal form, how alike two are, and how to show it.

``clean`` takes what came from outside and gives the value that is stored, or a ``Refusal`` with the field's
path; cleaning a cleaned value changes nothing. ``kinds`` lists them by the name a declaration uses.
"""
