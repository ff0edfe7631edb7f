import shutil, glob, os
os.makedirs("a/b"); open("a/b/c.txt", "w").close(); open("a/d.py", "w").close()
shutil.copytree("a", "z")
print(sorted(glob.glob("**/*", recursive=True)), shutil.which("python3.11"))
shutil.rmtree("a")
print(os.path.exists("a"), os.walk("z").__next__())
