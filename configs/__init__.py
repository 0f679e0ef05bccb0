"""Example configuration, demo homes, model recipes."""
