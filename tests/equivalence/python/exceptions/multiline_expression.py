values = {"a": [1, 2, 3]}
total = (values["a"][0] +
         values["b"][0] +
         1)
