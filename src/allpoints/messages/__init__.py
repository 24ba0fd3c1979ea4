"""Messages between nodes: sealed end to end, carried by the relay's mailbox, each with its receipts.

The relay keeps a message until the recipient's node has it on its disk. It sees who writes to whom, how
urgent and how large; it cannot read, alter or forge a word.
"""
