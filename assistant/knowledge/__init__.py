"""Documents to passages to index to hits; knows no conversation and no language model."""
