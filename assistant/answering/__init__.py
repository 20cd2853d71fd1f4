"""Question and hits to a verified reply: choosing, composing, abstaining, follow-ups."""
