console.log(process.getActiveResourcesInfo(), process._getActiveHandles().length, process._getActiveRequests().length); setTimeout(() => {}, 1); console.log(process.getActiveResourcesInfo());
