import graphlib, zoneinfo
print(list(graphlib.TopologicalSorter({"a": {"b"}, "b": {"c"}}).static_order()), len(zoneinfo.available_timezones()) > 100)
