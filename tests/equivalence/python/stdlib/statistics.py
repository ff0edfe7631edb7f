import statistics as s
x = [2, 4, 4, 4, 5, 5, 7, 9]
print(s.mean(x), s.median(x), s.stdev(x), s.mode(x), s.quantiles(x), s.NormalDist(0, 1).cdf(1), s.correlation([1, 2, 3], [2, 4, 7]))
