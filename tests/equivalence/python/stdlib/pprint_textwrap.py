import pprint, textwrap
pprint.pprint({"k" * i: list(range(i * 3)) for i in range(1, 8)}, width=40)
print(textwrap.fill("the quick brown fox " * 5, 30), textwrap.dedent("  a\n   b"), sep="\n")
