"""Deferred material (容缺): owed by a day, brought, received, or forfeited."""
