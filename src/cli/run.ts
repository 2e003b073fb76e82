import type { Command } from './command.ts';
import { help, parse } from './command.ts';
import { Failure } from './failure.ts';
import type { Output } from './output.ts';

export interface Program {
  readonly version: string;
  /** Loaded when called: listing clusters must not load what runs them. */
  readonly commands: readonly CommandEntry[];
}

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/** From the command line to the exit status. */
export async function run(program: Program, args: readonly string[], output: Output): Promise<number> {
  try {
    return await dispatch(program, args, output);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    output.complain(`millrace: ${error.message}`);
    return 1;
  }
}

async function dispatch(program: Program, args: readonly string[], output: Output): Promise<number> {
  const [first, second] = args;
  if (first === '--version') {
    output.line(program.version);
    return 0;
  }
  const entry = program.commands.find(
    ({ name }) => name === first || (second !== undefined && name === `${first} ${second}`),
  );
  if (entry) {
    const command = await entry.load();
    const given = parse(command, args.slice(entry.name.split(' ').length));
    if (given.switched('help')) {
      output.line(help(command));
      return 0;
    }
    return command.run(given, output);
  }
  const group = program.commands.filter(({ name }) => name.startsWith(`${first} `));
  const rest = group.length > 0 ? second : first;
  const asked = rest === undefined || rest === '--help' || rest === 'help';
  if (!asked)
    throw new Failure(
      group.length > 0
        ? `millrace ${first} has no command "${second}": see millrace ${first} --help.`
        : `There is no command "${first}": see millrace --help.`,
    );
  output.line(
    overview(program, group.length > 0 ? group : program.commands, group.length > 0 ? `${first} ` : ''),
  );
  return 0;
}

function overview(program: Program, commands: readonly CommandEntry[], prefix: string): string {
  return [
    `Millrace ${program.version}: Kafka clusters as on Amazon MSK, on your own machine.`,
    '',
    `Usage: millrace ${prefix}<command> [options]`,
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(20)} ${summary}`),
    '',
    'Every command has --help. Without a command: --version, --help.',
  ].join('\n');
}
