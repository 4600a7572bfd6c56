"""The commands of `python -m eam`, a file each; nothing imports this room."""
