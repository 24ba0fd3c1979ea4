"""The tests that gates name: pure functions of a request and the gate's parameters, each with its reasons."""
