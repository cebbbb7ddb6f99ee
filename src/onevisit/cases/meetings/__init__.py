"""When people meet: hearings, joint inspections, appearances, and the calendar they share."""
