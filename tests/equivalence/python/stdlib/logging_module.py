import logging, sys
logging.warning("to the root")
logging.basicConfig(level=logging.DEBUG, format="%(levelname)s:%(name)s:%(message)s", stream=sys.stdout, force=True)
log = logging.getLogger("a.b"); log.debug("x %d", 3)
try: 1 / 0
except ZeroDivisionError: log.exception("failed")
