import sys
sys.stdout.write("z" * 300000 + "\n")
print("end")
