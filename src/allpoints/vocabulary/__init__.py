"""What the network speaks of: registers, notices, fields, lists and countries, declared as data.

``loading.load`` reads the YAML files of ``data/`` (and those of a bureau's own folders), refuses all of
them with every fault named by file and line, or compiles them once: a declaration becomes a structure, a
cleaner, a decoder, search keys, captions, import columns and a schema. A register of one's own is one file
and no code. What is not understood is refused with the path of its field, never swallowed. The normal forms
of ``normal`` are shared by whoever records and whoever checks, so that both sides always agree.
"""
