import { type Command, NAME_KINDS, type NameKind, preset, withHelp } from '../command.ts';
import type { AskNames, Program } from '../program.ts';

/** The hidden command that the scripts of shells call. */
export const COMPLETE = '__complete';

/**
 * A name that every shell takes as one word and does not look into. Others are left out: a client can call
 * its group `x$(…)`, and shells put what is completed into the command line as it is, where it runs with the
 * next Enter.
 */
const HARMLESS = /^[\p{L}\p{N}_][\p{L}\p{N}._:@%+,=/-]*$/u;

export interface Candidate {
  readonly word: string;
  readonly about: string;
}

/**
 * What the last of `words`, which is being typed, may become. `words` are those behind the program's name.
 * Where there is nothing to say, a file for one, there is none.
 */
export async function candidates(
  program: Program,
  words: readonly string[],
  ask: AskNames,
): Promise<Candidate[]> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const all = await possible(program, before, typed, ask);
  return all.filter(({ word }) => word.startsWith(typed));
}

async function possible(
  program: Program,
  before: readonly string[],
  typed: string,
  ask: AskNames,
): Promise<Candidate[]> {
  const entry = program.commands.find(({ name }) => name.split(' ').every((word, at) => word === before[at]));
  if (!entry) return commandWords(program, before);
  const command = await entry.load();
  const args = before.slice(entry.name.split(' ').length);
  const previous = args.at(-1) ?? '';
  const open = previous.startsWith('--') ? command.options[previous.slice(2)] : undefined;
  if (open?.value !== undefined) return valuesOf(previous.slice(2), command, args, ask);
  if (typed.startsWith('-')) return optionWords(command, args);
  const positionals = wordsAmong(command, args);
  return wordAt(command, positionals, args, ask);
}

/** The words that may follow those of commands. */
function commandWords(program: Program, before: readonly string[]): Candidate[] {
  const found = new Map<string, string>();
  for (const { name, summary } of program.commands) {
    const words = name.split(' ');
    const word = words[before.length];
    if (word === undefined || !before.every((one, at) => one === words[at])) continue;
    found.set(word, words.length === before.length + 1 ? summary : `Commands on ${word}.`);
  }
  return [...found].map(([word, about]) => ({ word, about }));
}

/** Those that are not there yet, and those that may be there again. */
function optionWords(command: Command, args: readonly string[]): Candidate[] {
  return Object.entries(withHelp(command))
    .filter(([name, { repeats }]) => repeats === true || !args.includes(`--${name}`))
    .map(([name, { help }]) => ({ word: `--${name}`, about: help }));
}

async function valuesOf(
  name: string,
  command: Command,
  args: readonly string[],
  ask: AskNames,
): Promise<Candidate[]> {
  const choices = command.options[name]?.choices;
  if (choices) return choices.map((word) => ({ word, about: '' }));
  const kind = NAME_KINDS.find((one) => one === name);
  return kind ? named(kind, command, { args, words: wordsAmong(command, args) }, ask) : [];
}

async function wordAt(
  command: Command,
  words: readonly string[],
  args: readonly string[],
  ask: AskNames,
): Promise<Candidate[]> {
  const completes = command.completes ? command.completes(words) : kindOfPlace(command, words.length);
  if (completes === null) return [];
  if (typeof completes !== 'string') return completes.map((word) => ({ word, about: '' }));
  return named(completes, command, { args, words }, ask);
}

/** What a word in the usage line stands for: `TOPIC`, `NAME|ARN`. */
function kindOfPlace({ name, takes = '' }: Command, index: number): NameKind | readonly string[] | null {
  const place = takes.replaceAll(/[[\]]/g, '').split(' ')[index];
  if (place === 'TOPIC') return 'topic';
  if (place === 'GROUP') return 'group';
  if (place === 'BROKER') return 'broker';
  if (place === 'NODE') return 'node';
  if (place === 'NAME|ARN') {
    const [room] = name.split(' ');
    if (room === 'connect') return 'connector';
    return room === 'configurations' ? 'configuration' : 'cluster';
  }
  // The words themselves: `bash|zsh|fish`.
  return place !== undefined && /^[a-z]+(\|[a-z]+)+$/.test(place) ? place.split('|') : null;
}

async function named(
  kind: NameKind,
  command: Command,
  { args, words }: { readonly args: readonly string[]; readonly words: readonly string[] },
  ask: AskNames,
): Promise<Candidate[]> {
  const written = (name: string): string | undefined => {
    // The cluster of `clusters reboot NAME|ARN BROKER`.
    if (name === 'cluster' && words.length > 0 && kindOfPlace(command, 0) === 'cluster') return words[0];
    const at = args.lastIndexOf(`--${name}`);
    return at < 0 ? undefined : args[at + 1];
  };
  const maybe = (name: string): string | undefined => written(name) ?? preset(command.options[name]);
  const names = await ask(kind, {
    maybe,
    has: (name) => written(name) !== undefined,
    text: (name) => maybe(name) ?? '',
  });
  return names.filter((name) => HARMLESS.test(name)).map((word) => ({ word, about: kind }));
}

/** The words that are neither options nor their values. */
function wordsAmong(command: Command, args: readonly string[]): string[] {
  return args.filter((word, index) => {
    if (word.startsWith('-')) return false;
    const option = args[index - 1]?.startsWith('--')
      ? command.options[args[index - 1]?.slice(2) ?? '']
      : undefined;
    return option?.value === undefined;
  });
}
