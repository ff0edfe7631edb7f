import os
print(os.getcwd(), os.listdir("."), os.path.abspath("x"), os.path.realpath("main.py"), __file__)
os.chdir("/tmp")
print(os.getcwd())
