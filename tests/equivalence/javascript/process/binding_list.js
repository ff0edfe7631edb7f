// What was loaded is not what is listed here: only whether the list is there.
console.log(Array.isArray(process.moduleLoadList), process.moduleLoadList.includes('NativeModule fs'));
