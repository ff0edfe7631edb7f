import threading, os
t = threading.main_thread()
print(t.native_id == os.getpid() == threading.get_native_id(), t.ident == threading.get_ident(), t.name, t.daemon)
