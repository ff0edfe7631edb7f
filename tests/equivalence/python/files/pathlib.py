from pathlib import Path
p = Path("d/e"); p.mkdir(parents=True)
(p / "f.txt").write_text("é")
print(sorted(map(str, Path(".").rglob("*"))), (p / "f.txt").read_bytes(), p.resolve(), Path.cwd(), Path.home())
(p / "f.txt").rename("g.txt"); p.rmdir()
print(Path("g.txt").exists(), Path("g.txt").stat().st_size)
