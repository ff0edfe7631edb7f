const d = new Date(Date.UTC(2024, 1, 29, 12, 34, 56, 789));
console.log(d, d.toISOString(), d.toJSON(), d.getTimezoneOffset(), String(d), d.toUTCString());
console.log(new Date(NaN), Date.parse('2020-01-01'), new Date(2020, 0, 31 + 29).getDate());
