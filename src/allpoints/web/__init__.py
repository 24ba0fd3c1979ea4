"""The two mouths of a node: the HTTP API and the console.

A page handler fills one frozen view record (`views`) and hands it to `rendering`; it never passes stored
objects, so what was withheld cannot slip into a template. The same record is the page's ``.json`` twin.
Pages work without scripts; scripts, styles and fonts come from this host only (`csp`).
"""
