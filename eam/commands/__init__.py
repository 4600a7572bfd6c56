"""What `python -m eam` runs, a file a command; nothing imports this room."""
