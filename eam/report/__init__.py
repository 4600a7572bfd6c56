"""The report: what asv stored, as pages, a verdict and an export. An asv plugin."""
