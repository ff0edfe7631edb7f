import sys
print(sys.version, sys.version_info, sys.hexversion, sys.api_version, sys.implementation, sys.copyright)
print(sys.platform, sys.byteorder, sys.maxsize, sys.maxunicode, sys.float_info, sys.int_info, sys.hash_info, sys.thread_info)
print(sys.abiflags, sys.builtin_module_names)
