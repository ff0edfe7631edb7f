# equiv: {"stdin": "żółw 🐢\n\ufeffbom\n"}
print([len(input()), repr(input())])
