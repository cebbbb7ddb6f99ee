"""Why a stranger may believe a paper: seals of the departments, codes on paper, and their check."""
