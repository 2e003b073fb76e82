#!/usr/bin/env node
// Plain JavaScript that any Node since 14 can read, so that an old one gets a sentence and not a syntax error.
const NEEDED = [22, 18];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `millrace needs Node ${NEEDED.join('.')} or newer, and this is Node ${process.versions.node}.\n`,
  );
  process.exit(1);
}
// Node 22 warns of node:sqlite at every start; nobody who runs this can do anything about it.
const emitWarning = process.emitWarning;
process.emitWarning = (warning, ...rest) => {
  if (!String(warning).startsWith('SQLite is an experimental feature')) emitWarning(warning, ...rest);
};
await import('../dist/main.js');
