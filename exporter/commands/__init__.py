"""The commands, one module each with `run(arguments) -> exit code`; what they share is in `support`."""
