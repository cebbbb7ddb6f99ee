"""The command `onevisit`: check, plan and draw services, prepare the database, serve, demo."""
