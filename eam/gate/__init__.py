"""Two versions of eam compared in the same processes: is the new one slower?"""
