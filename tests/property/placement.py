"""Placement read from whole runs: over regions and tracks, and as applicants believe it."""

import xarray as xr


def done_looking(run: xr.Dataset) -> xr.DataArray:
    """Juniors who find chip work or stop looking for it in a year, by region and track."""
    return (run.novice_hires + run.giving_up).sum("door").squeeze()


def placed(run: xr.Dataset, *over: str) -> xr.DataArray:
    """Of juniors who stop looking in a year, the share who found chip work, over the dimensions named."""
    return run.novice_hires.sum("door").squeeze().sum(over) / done_looking(run).sum(over)


def believed_in_the_country(run: xr.Dataset, base: xr.Dataset) -> xr.DataArray:
    """What applicants believe of jobs, each region with its share of the juniors of the base run at the horizon."""
    return run.perceived_placement.squeeze().weighted(done_looking(base).sum("track").isel(period=-1)).mean("region")
