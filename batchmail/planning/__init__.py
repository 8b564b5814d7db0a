"""All rows checked before the first mail: findings, counts, samples, duration."""
