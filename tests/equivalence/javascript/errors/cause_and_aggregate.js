try { try { null.f(); } catch (e) { throw new Error('outer', { cause: e }); } } catch (e) { console.log(e.cause.message); console.error(e); }
Promise.any([Promise.reject(new Error('a')), Promise.reject(new Error('b'))]).catch((e) => { console.log(e.constructor.name, e.errors.length, e.message); });
throw new AggregateError([new Error('one')], 'many');
