class A:
    def __del__(self):
        try:
            import json
            print("imported")
        except ImportError as e:
            print("ImportError:", e)
keep = A()
