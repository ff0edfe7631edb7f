console.log(Object.keys(process.env), JSON.stringify(process.env.HOME));
