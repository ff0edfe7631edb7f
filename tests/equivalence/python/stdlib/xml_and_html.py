import xml.etree.ElementTree as ET, html, urllib.parse as u
r = ET.fromstring("<a x='1'><b>t&amp;</b><b/></a>")
print([e.text for e in r.findall("b")], ET.tostring(r), html.escape("<&>"), u.urlsplit("http://h:1/p?q=1#f"), u.quote("é /"))
