"""The page on which returned participants tell of their stay: a form, a check, a code to withdraw it."""
