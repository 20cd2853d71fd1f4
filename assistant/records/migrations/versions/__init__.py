"""One module per step, in the order that ``down_revision`` gives."""
