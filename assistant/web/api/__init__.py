"""The JSON API: asking, searching, verdicts and plans for other programs, under ``/api/v1``."""
