"""The runtimes and their times: rounds of fresh processes, the clock, statistics, 2025's timers.

For those who add a runtime or change how one is timed. May import core, data, models, training and
exports.
"""
