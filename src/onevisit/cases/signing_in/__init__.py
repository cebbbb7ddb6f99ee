"""Getting in and staying in: sessions, waits after wrong tries, second factors."""
