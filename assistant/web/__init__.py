"""The web pages: what a visitor sees, and what stands guard before it.

Gradio reads its analytics switch once, at import, so the switches are set here, before any
module of this package can import it.
"""

from __future__ import annotations

from assistant.offline import switch_off_calls_home

switch_off_calls_home()
