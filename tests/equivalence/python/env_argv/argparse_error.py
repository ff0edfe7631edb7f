# equiv: {"args": ["--nope"]}
import argparse
p = argparse.ArgumentParser(description="d")
p.add_argument("x", nargs="?")
p.parse_args()
