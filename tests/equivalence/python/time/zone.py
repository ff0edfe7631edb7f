import time, datetime
print(time.tzname, time.timezone, time.altzone, time.daylight, time.gmtime(0), time.localtime(0).tm_zone)
print(datetime.datetime.fromtimestamp(0), datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc).isoformat())
