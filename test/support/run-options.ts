import { parseArgs } from 'node:util';
import { nearest } from '../../src/base/nearest.ts';

/**
 * An option after `npm run NAME --`. A mistake in it ends the process with status 2 before anything is
 * started.
 */
export interface RunOption<T> {
  readonly help: string;
  /** The placeholder of its value in the usage; null for a switch. */
  readonly takes: string | null;
  readonly fallback: T;
  /** Throws WrongValue. */
  readonly read: (text: string) => T;
}

type Read<Options> = {
  readonly [name in keyof Options]: Options[name] extends RunOption<infer T> ? T : never;
};

/** The message is the rest of a sentence that begins with the option's name. */
class WrongValue extends Error {}

/**
 * Reads the options of `npm run NAME` from the command line. `about` is a sentence with a full stop. `--help`
 * prints the usage and ends the process with status 0.
 */
export function runOptions<const Options extends { readonly [name: string]: RunOption<unknown> }>(
  name: string,
  about: string,
  options: Options,
): Read<Options> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${usage(name, about, options)}\n`);
    process.exit(0);
  }
  try {
    return readOptions(args, options);
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    process.stderr.write(`${error.message}\n"npm run ${name} -- --help" lists the options.\n`);
    process.exit(2);
  }
}

/** Throws WrongValue, whose message is a sentence. */
export function readOptions<const Options extends { readonly [name: string]: RunOption<unknown> }>(
  args: readonly string[],
  options: Options,
): Read<Options> {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(options).map(([name, { takes }]) => [
        name,
        { type: takes === null ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
  });
  const values = new Map<string, unknown>(
    Object.entries(options).map(([name, { fallback }]) => [name, fallback]),
  );
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') throw new WrongValue(`"${token.value}" is no option.`);
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!option) throw new WrongValue(`There is no option ${token.rawName}.${meant(token.name, options)}`);
    if (option.takes === null) {
      if (token.value !== undefined) throw new WrongValue(`${token.rawName} takes no value.`);
      values.set(token.name, option.read(''));
      continue;
    }
    if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))
      throw new WrongValue(`${token.rawName} needs a value: ${option.takes}.`);
    try {
      values.set(token.name, option.read(token.value));
    } catch (error) {
      if (error instanceof WrongValue) throw new WrongValue(`${token.rawName} ${error.message}`);
      throw error;
    }
  }
  // Each value was made by `fallback` or `read` of the option with its name.
  return Object.fromEntries(values) as Read<Options>;
}

/**
 * A number of at least `least`; `fallback` is undefined if the program does something else without the
 * option.
 */
export function numberOption<Fallback extends number | undefined>(
  help: string,
  fallback: Fallback,
  { least = 0 } = {},
): RunOption<number | Fallback> {
  const read = (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!(value >= least && Number.isFinite(value)))
      throw new WrongValue(`takes a number of ${least} or more, not "${text}".`);
    return value;
  };
  return { help, takes: 'N', fallback, read };
}

/** One seed of 32 bits; random by default. */
export function seedOption(): RunOption<number> {
  const seed = Math.floor(Math.random() * 2 ** 31);
  return numberOption('The seed of a run that is to be made again. Default: a random one.', seed);
}

/** One of a few words. */
export function oneOfOption<Word extends string>(
  help: string,
  known: readonly Word[],
  fallback: Word,
): RunOption<Word> {
  const read = (text: string): Word => {
    const word = known.find((one) => one === text);
    if (word === undefined) throw new WrongValue(`takes ${known.join(' or ')}, not "${text}".`);
    return word;
  };
  return { help: `${help} Default: ${fallback}.`, takes: known.join('|'), fallback, read };
}

export function textOption(help: string, takes: string): RunOption<string | undefined> {
  return { help, takes, fallback: undefined, read: (text) => text };
}

/**
 * Names of a known list, with commas between them. `fallback`: the names without the option; the usage says
 * that these are all.
 */
export function namesOption<Name extends string, Fallback extends readonly Name[] | undefined>(
  help: string,
  known: readonly Name[],
  fallback: Fallback,
  { mayBeNone = false } = {},
): RunOption<readonly Name[] | Fallback> {
  const read = (text: string): readonly Name[] => {
    const names = text.split(',').filter((name) => name !== '');
    const unknown = names.find((name) => !known.some((one) => one === name));
    if (unknown !== undefined || (names.length === 0 && !mayBeNone))
      throw new WrongValue(`takes names of ${known.join(', ')}, not "${unknown ?? text}".`);
    return known.filter((name) => names.includes(name));
  };
  return { help: `${help} Of: ${known.join(', ')}.`, takes: 'NAME,…', fallback, read };
}

export function switchOption(help: string): RunOption<boolean> {
  return { help, takes: null, fallback: false, read: () => true };
}

function meant(name: string, options: object): string {
  const near = nearest(name, [...Object.keys(options), 'help']);
  return near === null ? '' : ` Did you mean --${near}?`;
}

function usage(
  name: string,
  about: string,
  options: { readonly [name: string]: RunOption<unknown> },
): string {
  const rows = Object.entries({ ...options, help: switchOption('Print this.') }).map(
    ([option, { takes, help, fallback }]) => {
      const told = typeof fallback === 'number' && !help.includes('Default') ? ` Default: ${fallback}.` : '';
      return [`--${option}${takes === null ? '' : ` ${takes}`}`, `${help}${told}`] as const;
    },
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `npm run ${name} -- [OPTIONS]`,
    '',
    about,
    '',
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
  ].join('\n');
}
