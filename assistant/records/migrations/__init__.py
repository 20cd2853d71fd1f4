"""The steps from an empty database to the tables of this program, for Alembic; a step that has run is never changed."""
