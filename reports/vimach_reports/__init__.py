"""Figures, tables and briefings made from vimach results."""
