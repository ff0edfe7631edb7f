# equiv: {"differs": {"stdout": "what a module registers elsewhere is registered already"}}
import copyreg
print(sorted(map(str, copyreg.dispatch_table)))
