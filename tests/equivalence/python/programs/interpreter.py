# equiv: {"stdin": "3 4 + 2 *\n1 0 /\nx\n"}
import sys, operator
ops = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
for line in sys.stdin:
    st = []
    try:
        for t in line.split():
            st.append(ops[t](*[st.pop() for _ in "ab"][::-1]) if t in ops else float(t))
        print(st.pop())
    except (ZeroDivisionError, ValueError) as e:
        print("error:", e)
