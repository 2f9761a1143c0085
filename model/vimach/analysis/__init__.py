"""What the results mean: targets, comparisons, attributions. Reads datasets, draws no figure."""
