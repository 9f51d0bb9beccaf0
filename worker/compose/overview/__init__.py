"""The page of everything in the outbox, joined: one look at the folders, what it says, and a thread that writes it."""
