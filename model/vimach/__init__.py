"""Vimach: workforce and capacity model of Vietnam's semiconductor industry."""
