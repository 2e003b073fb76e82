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
  const [first, second] = args;
  const entry = program.commands.find(
    ({ name }) => name === first || (second !== undefined && name === `${first} ${second}`),
  );
  if (entry) {
    const command = await entry.load();
    const parsed = parse(command, args.slice(entry.name.split(' ').length));
    if (!parsed.switched('help')) return command.run(parsed, output);
    output.line(help(command));
    return EXIT.done;
  }
  const group = program.commands.filter(({ name }) => name.startsWith(`${first} `));
  const isGroup = group.length > 0;
  const word = isGroup ? second : first;
  if (word !== undefined && !['--help', '-h', 'help'].includes(word))
    throw unknownCommand(program, group, args);
  output.line(overview(program, isGroup ? group : program.commands, isGroup ? `${first} ` : ''));
  return EXIT.done;
}

function unknownCommand(
  program: Program,
  group: readonly CommandEntry[],
  [first = '', second = '']: readonly string[],
): Failure {
  const isGroup = group.length > 0;
  const word = isGroup ? `${first} ${second}` : first;
  const words = isGroup
    ? group.map(({ name }) => name)
    : [...new Set(program.commands.map(({ name }) => name.split(' ')[0] ?? ''))];
  const near = nearest(word, words);
  const meant = near === null ? ': ' : `: did you mean millrace ${near}? `;
  return new Failure(
    `There is no command "millrace ${word}"${meant}${near === null ? 'see' : 'See'} millrace ${isGroup ? `${first} ` : ''}--help.`,
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
