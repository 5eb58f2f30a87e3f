"""People: who acts, and where goods go."""
