import json
print(json.dumps({"a": [1, 2.5, None, True, "é\n"], "b": {}}, indent=2, sort_keys=True), json.loads('[1e3, "\\u00e9", {"x": null}]'))
try:
    json.loads('{"a": }')
except json.JSONDecodeError as e:
    print(e, e.pos)
