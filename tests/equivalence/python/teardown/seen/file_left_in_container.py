kept = [{"f": open("/tmp/left.txt", "w")}]
kept[0]["f"].write("text")
print(open("/tmp/left.txt").read() == "")
out = open(1, "w", closefd=False)
out.write("written to a file over 1\n")
