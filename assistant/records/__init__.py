"""What must not be lost: what students send to the mentors."""
