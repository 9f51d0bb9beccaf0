"""What nights came to, joined: facts from the folders, a page and a JSON file each, and a thread that writes them."""
