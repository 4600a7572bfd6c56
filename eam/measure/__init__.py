"""How backends are checked, timed and weighed: the instruments, one a file."""
