"""What `eam init` does: the files that track a function in the reader's own repository."""
