"""What `eam compare` does: check the reader's gradient, and time every backend's against it."""
