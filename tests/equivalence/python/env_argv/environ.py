import os
for k, v in os.environ.items():
    print(k, v)
print(len(os.environ), os.environb[b"PATH"], os.getenv("NOPE", "default"), os.environ == dict(os.environ))
