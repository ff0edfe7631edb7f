from dataclasses import dataclass, field, asdict
from enum import Enum, IntFlag, auto
@dataclass(order=True)
class A:
    x: int
    y: list = field(default_factory=list)
class C(Enum):
    R = 1; G = auto()
class F(IntFlag):
    A = 1; B = 2
print(A(1, [2]), A(1) < A(2), asdict(A(3)), C.R, C(2), list(C), repr(F.A | F.B), C["G"].value)
