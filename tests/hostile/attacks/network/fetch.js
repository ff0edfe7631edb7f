// SPDX-License-Identifier: Apache-2.0
// attack: fetches a page of a server on the host
// layer: seccomp
// verdict: accepted
// prints: contained
// limits: {"memory_kb": 131072, "wall_ms": 2000}
const net = require("net");
let left = 0;
let bad = false;
function attempt(options) {
	left++;
	const s = net.connect(options);
	s.on("data", (d) => { bad = true; console.log("BREACH", JSON.stringify(options), String(d)); s.destroy(); });
	s.on("connect", () => { bad = true; console.log("BREACH connected", JSON.stringify(options)); s.destroy(); });
	s.on("error", () => {});
	s.on("close", () => { if (--left === 0 && !bad) console.log("contained"); });
}
attempt({ host: "127.0.0.1", port: @TCP_PORT@ });
attempt({ host: "::1", port: @TCP_PORT@ });
attempt({ path: "/run/kodewar-canary.sock" });
attempt({ path: "\0kodewar-hostile-canary" });
