"""The runtimes and their times: fresh processes, timing, noise, statistics, the timers of 2025.

For those who add a runtime or change how one is timed. May import core, data, models, training and
exports.
"""
