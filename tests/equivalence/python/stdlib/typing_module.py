import typing as t
T = t.TypeVar("T")
class G(t.Generic[T]): pass
def f(x: t.Optional[int], *y: "str") -> t.Union[int, str]: ...
print(t.get_type_hints(f), G[int], t.List[t.Dict[str, int]], t.get_origin(list[int]), t.NamedTuple("N", [("a", int)])(1), int | None)
