"""Replies in the words of a language model, each sentence verified; used only where one is configured."""
