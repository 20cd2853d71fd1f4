"""The library: every document, to browse, search and read, as plain HTML that needs no script."""
