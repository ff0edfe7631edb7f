# equiv: {"stdin": "Ada\n36\n"}
name = input("name: ")
age = input("age: ")
print(name, age, sep="/")
