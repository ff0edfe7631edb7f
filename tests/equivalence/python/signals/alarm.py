import signal, time
class Late(Exception): pass
def h(*a): raise Late
signal.signal(signal.SIGALRM, h)
signal.setitimer(signal.ITIMER_REAL, 0.02)
try:
    while True: time.sleep(1)
except Late:
    print("alarm")
