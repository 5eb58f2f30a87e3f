"""A crowd that storms a flash sale, and what became of it: who came when, who was served, and whether the books are right."""
