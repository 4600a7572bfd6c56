"""Releases of a library as an axis: which release made a gradient slower?

The index lists the releases of a library and their dates; a lock pins one of them with everything
else held; the locks of a library are the commits of a generated git history, which asv measures as
it measures any other. Two releases are compared like two commits: by interleaving, see `pair`.
"""
