import gc
def cb(phase, info): print(phase, info["generation"])
gc.callbacks.append(cb)
gc.collect()
gc.callbacks.clear()
print("end")
