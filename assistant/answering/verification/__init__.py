"""Whether a sentence is supported by what it cites: claims, names and stance on both sides, compared."""
