"""What a student must do, may do, and by when: the steps before departure and the rules of the programmes."""
