"""The asv suite of the functions that eam.toml names; its classes come from eam."""
