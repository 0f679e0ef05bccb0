"""What is in the house: the Home, the registry, the conventions that devices speak, a simulator."""
