"""Who is who: keys, certificates, the directory of members, officers and what they may ask.

Promises: a signature counts only if both of its halves (Ed25519 and ML-DSA-65) verify; nothing read from outside
is half understood, it is accepted byte for byte or refused; a private key leaves this part only into a file that
nobody but its owner can read; and no officer is known by a password that another one could have guessed.
"""
