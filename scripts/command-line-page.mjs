// `node scripts/command-line-page.mjs > docs/command-line.md`: the page of all commands, made from their
// --help.
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
| 4 | there is no such cluster, topic, group, connector, configuration or log |
| 5 | \`status\` or \`doctor\` found something wrong |
| 130 | Ctrl-C |
| 141 | nobody reads the output any more |

With \`--json\` a command prints JSON on standard output; an error is \`{"error":{"code":…,"message":…}}\` on standard error. Commands that delete something ask for its name on a
terminal unless \`--yes\` is given. Colours are for terminals; \`NO_COLOR=1\` switches them off.

The API's address is that of \`--api\`, else of the variable \`MILLRACE_API\`, else the one that the AWS tools use for MSK: \`AWS_ENDPOINT_URL_KAFKA\`, \`AWS_ENDPOINT_URL\`, or \`endpoint_url\` of the
profile (\`AWS_PROFILE\`) in \`~/.aws/config\`, in a \`services\` section for \`kafka\` or in the profile itself. Without any of them it is \`http://127.0.0.1:7070\`.

\`millrace completion bash\` (or \`zsh\`, \`fish\`) prints a script by which the shell completes commands, options and values, and the names of clusters, topics, groups, connectors and
configurations that a running Millrace has.

Commands on topics, groups, configs and records work on any Kafka cluster (\`--bootstrap\`). By default they ask the API for the cluster's addresses and its CA. Who
signs in writes kcat's settings into a file that only they can read, and names it with \`--config\`.
${commands.map((name) => `\n## millrace ${name}\n\n\`\`\`\n${help(...name.split(' '))}\n\`\`\`\n`).join('')}`);
