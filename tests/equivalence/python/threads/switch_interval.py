import sys
sys.setswitchinterval(0.001)
print(round(sys.getswitchinterval(), 6))
