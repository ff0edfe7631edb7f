import unittest, io
class T(unittest.TestCase):
    def test_bad(self): self.assertTrue(False)
if __name__ == "__main__":
    out = io.StringIO()
    try:
        unittest.main(argv=["x"], testRunner=unittest.TextTestRunner(stream=out))
    except SystemExit as e:
        print("exit", e.code, out.getvalue().split("\n")[:8])
