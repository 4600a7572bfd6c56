"""The airspeed velocity suite: what is tracked from commit to commit.

The classes are those of eam/suite/ in the checkout that this folder belongs to.
"""
