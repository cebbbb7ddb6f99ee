"""What people may expect of those who hold their data: who read it, their copy of it, its end."""
