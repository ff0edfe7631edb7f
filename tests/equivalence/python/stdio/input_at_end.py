print(input("name? "))
