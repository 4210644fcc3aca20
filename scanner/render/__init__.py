"""A report as a document: terminal, JSON, HTML; nothing here talks to a host."""
