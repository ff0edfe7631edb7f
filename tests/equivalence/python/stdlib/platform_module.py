import platform, sysconfig
print(platform.python_version(), platform.python_implementation(), platform.system(), platform.machine(), platform.python_build(), platform.python_compiler())
print(sysconfig.get_paths()["stdlib"], sysconfig.get_platform(), sysconfig.get_config_var("EXT_SUFFIX"))
