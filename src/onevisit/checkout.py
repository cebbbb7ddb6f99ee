"""Where this checkout stands: the folder with workflows/, forms/ and templates/ beside src/."""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
