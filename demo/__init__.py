"""The network in a box: real processes over real sockets, played in front of the reader."""
