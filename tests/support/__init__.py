"""What several tests share: finding programs, ports, waiting, child processes."""
