"""A report as text: comment, summary, terminal, JSON. It renders, it does not decide."""
