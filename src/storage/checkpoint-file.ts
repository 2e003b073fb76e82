import type { EpochEntry } from './leader-epochs.ts';

/**
 * Kafka's checkpoint files, version 0: a line with the version, a line with the count, then one line per
 * entry. A file that is cut short or not of this form reads as null: a checkpoint is a hint, the log is the
 * truth.
 */
const VERSION = '0';

export interface CheckpointedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export function formatOffsets(entries: readonly CheckpointedOffset[]): string {
  return formatLines(entries.map((entry) => `${entry.topic} ${entry.partition} ${entry.offset}`));
}

export function parseOffsets(text: string): CheckpointedOffset[] | null {
  return parseLines(text, (words) => {
    const [topic, partition, offset] = words;
    if (words.length !== 3 || topic === undefined) return null;
    const entry = { topic, partition: whole(partition), offset: whole(offset) };
    return entry.partition < 0 || entry.offset < 0 ? null : entry;
  });
}

export function formatEpochs(entries: readonly EpochEntry[]): string {
  return formatLines(entries.map((entry) => `${entry.epoch} ${entry.startOffset}`));
}

export function parseEpochs(text: string): EpochEntry[] | null {
  return parseLines(text, (words) => {
    const entry = { epoch: whole(words[0]), startOffset: whole(words[1]) };
    return words.length !== 2 || entry.epoch < 0 || entry.startOffset < 0 ? null : entry;
  });
}

function formatLines(lines: readonly string[]): string {
  return `${[VERSION, String(lines.length), ...lines].join('\n')}\n`;
}

function parseLines<Entry>(text: string, parse: (words: string[]) => Entry | null): Entry[] | null {
  const [version, count, ...rest] = text.split('\n');
  const lines = rest.filter((line) => line !== '');
  if (version !== VERSION || whole(count) !== lines.length) return null;
  const entries: Entry[] = [];
  for (const line of lines) {
    const entry = parse(line.split(/\s+/));
    if (entry === null) return null;
    entries.push(entry);
  }
  return entries;
}

/** -1 for anything but a non-negative whole number. */
function whole(word: string | undefined): number {
  return word !== undefined && /^\d{1,16}$/.test(word) ? Number(word) : -1;
}
