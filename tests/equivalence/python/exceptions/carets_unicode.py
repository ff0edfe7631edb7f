größe = {"ä": None}
print("日本語", größe["ä"]["x"], "🎉")
