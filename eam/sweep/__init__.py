"""Measuring on more than one machine: what is missing, as jobs on a Dask cluster.

`plan` and `jobs` find what is missing. `run` gives each node one job at a time until nothing is
left. `worker` runs on the nodes: it says what a node is, and measures a job by the code of
`eam track` and `eam releases`. `nodes` tells which nodes may measure, and `bridge` whether two of
one machine are equal. `store` checks what comes back and merges it into `results/`.

A node is a machine with a Dask worker on it. A machine, as everywhere, is a kind of computer: the
processor and its cores. The nodes of one machine share one history.
"""
