"""The families that readers may be tuned on."""
