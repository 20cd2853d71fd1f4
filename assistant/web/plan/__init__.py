"""My plan: the profile, and what follows from it: requirements, steps, preparation and money."""
