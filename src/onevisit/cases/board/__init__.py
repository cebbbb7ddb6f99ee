"""What is kept beside the work and counted anew every little while, so that the supervisors' page
and the departments' calendars cost the same whatever is open (ADR 0029)."""
