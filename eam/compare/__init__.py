"""`eam compare`: check the reader's gradient, and time every backend's against it."""
