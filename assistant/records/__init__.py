"""What must not be lost: what students send to the mentors, conversations, and the trail of what was done."""
