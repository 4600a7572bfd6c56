"""`eam init`: the files that track a function in the reader's own repository."""
