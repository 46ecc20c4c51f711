"""Many trainings on many machines: a grid of runs, on Dask.

For those who train from hundreds of seeds. `python -m helpers.sweep --help` is its command line.
May import every room.
"""
