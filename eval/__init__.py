"""Measures the assistant through its public API."""
