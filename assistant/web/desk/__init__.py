"""The desk of the mentors: pages that only who has signed in can open, each whole HTML that needs no script."""
