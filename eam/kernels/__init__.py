"""The compiled kernels of hand-written gradients, in numba, and the tools that they share.

README.md in this folder says what each file is for, and what must stay as it is.
"""
