"""What each console page shows, as frozen records: the one thing a page handler has to fill.

Values are in normal form (dates ``1979-03-14``, countries ``XAV``, times in milliseconds UTC); the
component ``field`` prints them. Words for states are given by the handler, colour and shape by the tone.
Every form posts to the address of its own page, with the hidden field ``csrf``; a refused form comes back
as the same page with ``errors`` (a fault's ``path`` is the input's name) and status 422.
"""
