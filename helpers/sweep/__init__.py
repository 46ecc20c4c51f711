"""Many trainings on many machines: a grid of runs, or a course of reports, on Dask.

For those who train from hundreds of seeds. `python -m helpers.sweep --help` is its command line.
May import every room.
"""
