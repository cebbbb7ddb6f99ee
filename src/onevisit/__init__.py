"""onevisit · 一次办: government services as definitions that are proven and then run."""
