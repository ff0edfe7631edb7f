# equiv: {"differs": {"plain": "the host's name, users and network are not those of a box"}}
import os, pwd, getpass, socket
print(os.getuid(), os.geteuid(), os.getgid(), os.getgroups(), os.getpid() > 1, os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid())
print(pwd.getpwuid(os.getuid()), getpass.getuser(), socket.gethostname(), os.uname().nodename, os.umask(0))
print(os.path.expanduser("~"), os.sched_getaffinity(0) == os.sched_getaffinity(os.getpid()), os.nice(0))
