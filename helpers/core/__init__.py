"""Files, messages, processes, the machine, results: what every other room stands on."""
