"""Running the asv suite on a commit: what has no result yet, and asv as a process of ours."""
