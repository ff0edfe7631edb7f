setTimeout(function later() { null.x; }, 1);
