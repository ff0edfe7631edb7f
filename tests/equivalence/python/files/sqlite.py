import sqlite3
c = sqlite3.connect("x.db")
c.execute("create table t(a, b)")
c.executemany("insert into t values(?, ?)", [(i, str(i)) for i in range(5)])
c.commit()
print(c.execute("select sum(a), group_concat(b) from t").fetchall())
