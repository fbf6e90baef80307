"""What is measured: each part starts its servers, and yields its rows as they are done."""
