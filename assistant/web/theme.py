"""The look that Gradio's own parts take; ``static/page.css`` reads the same colours."""

from __future__ import annotations

import gradio as gr

FONTS = ("system-ui", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
"""Faces that are on the visitor's machine and hold Cyrillic with the Kazakh letters."""

COLOURS = {
    "body_background_fill": ("#f6f5f1", "#11181b"),
    "background_fill_primary": ("#ffffff", "#1a2327"),
    "background_fill_secondary": ("#eef1ee", "#222d31"),
    "block_background_fill": ("#ffffff", "#1a2327"),
    "input_background_fill": ("#ffffff", "#1a2327"),
    "body_text_color": ("#1b2a2e", "#e9eeee"),
    "body_text_color_subdued": ("#4d5d62", "#aebcc0"),
    "input_placeholder_color": ("#5d6c71", "#9fb0b4"),
    "border_color_primary": ("#d5d9d4", "#36444a"),
    "input_border_color": ("#8b979a", "#6b7c82"),
    "input_border_color_focus": ("#0b5d66", "#7cc7cd"),
    "link_text_color": ("#0b5d66", "#7cc7cd"),
    "color_accent": ("#0b5d66", None),
    "color_accent_soft": ("#e0eeee", "#1f3539"),
    "button_primary_background_fill": ("#0b5d66", "#7cc7cd"),
    "button_primary_background_fill_hover": ("#094b53", "#97d5da"),
    "button_primary_text_color": ("#ffffff", "#0d1a1c"),
    "button_secondary_background_fill": ("#ffffff", "#1a2327"),
    "button_secondary_background_fill_hover": ("#e0eeee", "#1f3539"),
    "button_secondary_border_color": ("#c3cac6", "#45555b"),
    "button_secondary_text_color": ("#1b2a2e", "#e9eeee"),
}
"""Theme variables with their light and dark values."""


def theme() -> gr.themes.Base:
    """Return a calm theme with system fonts; nothing in it is fetched from elsewhere."""
    font = [gr.themes.Font(name) for name in FONTS]
    values = {name: light for name, (light, _) in COLOURS.items()}
    values |= {f"{name}_dark": dark for name, (_, dark) in COLOURS.items() if dark}
    return gr.themes.Base(font=font, font_mono=[gr.themes.Font("monospace")]).set(**values)
