"""How often the gate and asv are wrong: slower versions made on purpose, and asv beside it."""
