"""The anonymiser's rules, by subject. `core.text.anonymise` is their public face."""
