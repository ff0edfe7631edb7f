// SPDX-License-Identifier: Apache-2.0
// attack: keeps the event loop alive for ever without using any time
// layer: wall
// verdict: time_limit
// limits: {"wall_ms": 500}
setInterval(() => {}, 50);
