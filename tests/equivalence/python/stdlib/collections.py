from collections import Counter, defaultdict, deque, OrderedDict, namedtuple, ChainMap
print(Counter("abracadabra").most_common(2), deque([1, 2, 3], maxlen=2), OrderedDict(b=1, a=2), ChainMap({"a": 1}, {"b": 2})["b"])
P = namedtuple("P", "x y"); d = defaultdict(list); d["k"].append(1)
print(P(1, 2)._replace(x=5), d, P.__module__, P.__doc__)
