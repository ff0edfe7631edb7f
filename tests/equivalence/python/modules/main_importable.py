# equiv: {"files": [{"name": "helper.py", "content": "import __main__\nprint('helper sees', __main__.x, __main__.__name__)\nimport main\n"}]}
x = 1
if __name__ == "__main__":
    print("as main")
    import helper
else:
    print("as", __name__, __file__)
