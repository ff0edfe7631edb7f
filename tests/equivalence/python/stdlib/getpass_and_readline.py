try:
    import readline
    print("readline", readline.get_current_history_length())
except ImportError as e:
    print(e)
