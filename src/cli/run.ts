import { nearest } from '../base/nearest.ts';
import { Refused } from '../base/refused.ts';
import { help, parse } from './command.ts';
import { COMPLETE, candidates } from './completion/candidates.ts';
import { EXIT, Failure } from './failure.ts';
import type { Output } from './output.ts';
import type { CommandEntry, Program } from './program.ts';

/** From the command line to the exit status. */
export async function run(program: Program, args: readonly string[], output: Output): Promise<number> {
  try {
    return await dispatch(program, args, output);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { code, message } = error;
    // Who asked for JSON reads the error with a program too.
    output.complain(
      args.includes('--json') ? JSON.stringify({ error: { code, message } }) : `millrace: ${message}`,
    );
    return error instanceof Failure ? error.exitStatus : EXIT.failed;
  }
}

async function dispatch(program: Program, given: readonly string[], output: Output): Promise<number> {
  if (given[0] === COMPLETE) {
    const found = await candidates(program, given.slice(1), program.askNames ?? (async () => []));
    for (const { word, about } of found) output.line(`${word}\t${about}`);
    return EXIT.done;
  }
  if (given.length === 1 && ['--version', '-v', 'version'].includes(given[0] ?? '')) {
    output.line(program.version);
    return EXIT.done;
  }
  // `millrace help up` is `millrace up --help`.
  const args = given[0] === 'help' ? [...given.slice(1), '--help'] : given;
  const entry = program.commands.find(({ name }) => name.split(' ').every((word, at) => word === args[at]));
  if (entry) {
    const command = await entry.load();
    const parsed = parse(command, args.slice(entry.name.split(' ').length));
    if (!parsed.switched('help')) return command.run(parsed, output);
    output.line(help(command));
    return EXIT.done;
  }
  const prefix = groupPrefix(program, args);
  const group = program.commands.filter(({ name }) => name.startsWith(prefix));
  const word = args[depthOf(prefix)];
  if (word !== undefined && !['--help', '-h', 'help'].includes(word))
    throw unknownCommand(group, prefix, word);
  output.line(overview(program, group, prefix));
  return EXIT.done;
}

/** The words that several commands begin with, as far as they were given, with a space behind each. */
function groupPrefix({ commands }: Program, args: readonly string[]): string {
  let prefix = '';
  for (const word of args) {
    const longer = `${prefix}${word} `;
    if (!commands.some(({ name }) => name.startsWith(longer))) break;
    prefix = longer;
  }
  return prefix;
}

/** How many words it has. */
function depthOf(prefix: string): number {
  return prefix.split(' ').length - 1;
}

function unknownCommand(group: readonly CommandEntry[], prefix: string, given: string): Failure {
  const word = `${prefix}${given}`;
  const depth = depthOf(prefix) + 1;
  const words = [...new Set(group.map(({ name }) => name.split(' ').slice(0, depth).join(' ')))];
  const near = nearest(word, words);
  const meant = near === null ? ': ' : `: did you mean millrace ${near}? `;
  return new Failure(
    `There is no command "millrace ${word}"${meant}${near === null ? 'see' : 'See'} millrace ${prefix}--help.`,
    { exit: 'usage' },
  );
}

function overview(program: Program, commands: readonly CommandEntry[], prefix: string): string {
  return [
    `Millrace ${program.version}: Kafka clusters as on Amazon MSK, on your own machine.`,
    '',
    `Usage: millrace ${prefix}<command> [options]`,
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(25)} ${summary}`),
    '',
    'Every command has --help (-h). Without a command: --version (-v), --help.',
    'Exit status: 0 done, 1 refused or failed, 2 wrong command line, 3 no Millrace answers, 4 no such thing, 5 something is wrong.',
  ].join('\n');
}
