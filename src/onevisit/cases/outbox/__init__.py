"""Work that is owed: documents to make and messages to send, claimed row by row."""
