"""The compiled kernels of hand-written gradients, in numba, and the tools that they share."""
