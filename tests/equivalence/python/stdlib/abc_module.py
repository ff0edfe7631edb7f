from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
class A(ABC):
    @abstractmethod
    def f(self): ...
try:
    A()
except TypeError as e:
    print(e)
class B:
    def __iter__(self): return iter(())
print(isinstance(B(), Iterable), issubclass(dict, Mapping), A.__abstractmethods__)
