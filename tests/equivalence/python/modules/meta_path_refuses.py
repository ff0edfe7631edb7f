import sys
class No:
    def find_spec(self, name, path, target=None):
        if name == "decimal":
            raise ImportError("forbidden")
sys.meta_path.insert(0, No())
try:
    import decimal
except ImportError as e:
    print(e)
import fractions
