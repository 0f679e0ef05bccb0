"""A wake word for any phrase, from voices that machines have: `hearthd train wake`."""
