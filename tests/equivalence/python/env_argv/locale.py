import locale, sys
print(locale.getlocale(), locale.getpreferredencoding(), locale.setlocale(locale.LC_CTYPE), locale.localeconv()["decimal_point"])
print(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors(), sys.getdefaultencoding(), locale.getencoding())
