"""Addresses of crypto-assets, so far as they can be verified: which network, and is the checksum right.

Promises: ``address`` gives one spelling for each address, and an address with a mistyped character is refused.
"""

from allpoints.vocabulary.wallets.address import NETWORKS, Address, address

__all__ = ["NETWORKS", "Address", "address"]
