# Text waits in the buffer until it is full: what is seen of a program that dies tells where that is.
import sys, os
for i in range(3000):
    print(i, end=" ")
os._exit(0)
