// SPDX-License-Identifier: Apache-2.0
let total = 0;
for (let i = 0; i < 1000000; i++)
	total += i % 7;
console.log(total);
