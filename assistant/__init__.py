"""A pre-departure assistant for student teachers: quoted answers in English, Russian and Kazakh."""
