"""What comes after the decision: certificates and their life, pledges checked, bars."""
