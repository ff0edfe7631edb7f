import sys
sys.ps1 = sys.ps2 = "> "
sys.last_value = ValueError()
class T:
    def __del__(self): print("del ps1")
sys.ps1 = T()
print("end")
