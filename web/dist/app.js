document.querySelector("#app").textContent="KodeWar Sandbox";
