'use strict';
// For require(). The library is made of ES modules, which Node's own loader gives to require() too. Jest puts a loader of its own
// before every file that it runs, which cannot read them; what runs in Node's first context gets Node's loader in both cases.
const { runInThisContext } = require('node:vm');
const { createRequire } = runInThisContext('process').getBuiltinModule('node:module');
module.exports = createRequire(__filename)('../dist/index.js');
