"""Kernels: what turns a graph and its inputs into numbers. All kernels give the same bits."""
