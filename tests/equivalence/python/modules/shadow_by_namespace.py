import os
os.mkdir("statistics")
import statistics
print(statistics.__file__, statistics.mean([1, 2]))
