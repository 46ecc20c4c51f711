"""Files, the results contract, processes, provenance: what every other room stands on.

For those who add a stage of the chain, a field of results.json, or anything that writes a file.
Imports no other room.
"""
