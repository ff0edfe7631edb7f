import datetime as d
x = d.datetime(2024, 12, 31, 23, 59, 58, 123456)
print(x, repr(x), x.isoformat(timespec="milliseconds"), x.strftime("%a %A %b %B %j %U %p %c %x %X"), x + d.timedelta(days=1, hours=-3))
print(d.datetime.strptime("2024-02-29 12:00", "%Y-%m-%d %H:%M"), d.date(2024, 2, 29).isocalendar(), d.timedelta(seconds=1e6))
import zoneinfo
print(x.replace(tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).isoformat())
