raise SystemExit(1, 2, "three")
