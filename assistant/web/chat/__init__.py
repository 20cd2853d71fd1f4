"""The chat: a question, its reply as it appears, and the sources beside it."""
