"""Whether everything that a run asks of an account is answered, and what each answer means to its hours."""
