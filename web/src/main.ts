// SPDX-License-Identifier: Apache-2.0
document.querySelector("#app")!.textContent = "KodeWar Sandbox";
