"""What the site can do, as ratios to yardsticks that are measured in the same run: ``python -m benchmarks``."""
