# equiv: {"args": ["--count", "3", "name"]}
import argparse
p = argparse.ArgumentParser()
p.add_argument("--count", type=int, default=1)
p.add_argument("who")
a = p.parse_args()
print(a.count * a.who, p.prog)
p.print_help()
