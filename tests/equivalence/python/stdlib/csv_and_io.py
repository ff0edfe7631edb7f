import csv, io
o = io.StringIO()
w = csv.DictWriter(o, ["a", "b"]); w.writeheader(); w.writerow({"a": 'q"x', "b": "1,2"})
print(repr(o.getvalue()), list(csv.reader(io.StringIO("x,\"y,z\"\n1,2\n"))))
