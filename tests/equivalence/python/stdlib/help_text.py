help(len)
print(license, credits)
