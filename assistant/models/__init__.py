"""Adapters to language models; nothing of them is imported or contacted unless one is configured."""
