import signal
for s in sorted(signal.valid_signals()):
    h = signal.getsignal(s)
    if h is not signal.SIG_DFL:
        print(s, h if h is None or isinstance(h, int) else h.__name__)
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.getitimer(signal.ITIMER_REAL), signal.set_wakeup_fd(-1))
