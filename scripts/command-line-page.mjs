// `node scripts/command-line-page.mjs > docs/command-line.md`: the page of all commands, from what their --help says.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = join(dirname(fileURLToPath(import.meta.url)), '../bin/millrace.mjs');
const help = (...words) =>
  execFileSync(process.execPath, [program, ...words, '--help'], { encoding: 'utf8' }).trimEnd();

const [, list = ''] = /^Commands:\n([\s\S]*?)\n\n/m.exec(help()) ?? [];
const commands = list.split('\n').map((line) => line.trim().split(/ {2,}/)[0] ?? '');

process.stdout.write(`# The command line

\`npm run -s millrace -- …\` in a clone, \`npx millrace …\` or \`millrace …\` where the package is installed. \`millrace up\` runs everything; the other commands
talk to its API and work from any folder.

| exit status | meaning |
|---|---|
| 0 | done |
| 1 | refused, or it did not succeed |
| 2 | the command line is wrong; nothing was tried |
| 3 | no Millrace answers at the address of \`--api\` or runs in the data folder, or no broker answers at that of \`--bootstrap\` |
| 4 | there is no such cluster or log |
| 5 | \`status\` or \`doctor\` found something wrong |
| 141 | nobody reads the output any more |

With \`--json\` a command prints JSON on standard output; an error is \`{"error":{"code":…,"message":…}}\` on standard error. \`clusters delete\`, \`topics delete\` and
\`groups delete\` ask for the name on a terminal unless \`--yes\` is given.

Commands on topics, groups, configs and records work on any Kafka cluster (\`--bootstrap\`). By default they ask the API for the cluster's addresses and its CA. Who
signs in writes kcat's settings into a file that only they can read, and names it with \`--config\`.
${commands.map((name) => `\n## millrace ${name}\n\n\`\`\`\n${help(...name.split(' '))}\n\`\`\`\n`).join('')}`);
