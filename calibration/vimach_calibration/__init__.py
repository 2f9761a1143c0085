"""Evidence, likelihood and track record of the vimach model."""
