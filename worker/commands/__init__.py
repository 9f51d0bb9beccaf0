"""The commands, one module each.

A command module has `add(commands)`, which declares its arguments, and `run(arguments)`, which returns an ExitCode.
At import a command module loads nothing heavy: `zimage-worker --help` must answer at once.
"""
