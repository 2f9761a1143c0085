"""What every quantity is worth: one YAML file per sector, and the code that reads it.

Each entry names a unit, a central value, hard bounds, a distribution, the evidence or judgment behind it and a grade.
"""
