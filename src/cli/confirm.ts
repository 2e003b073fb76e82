import { createInterface } from 'node:readline/promises';
import type { Given } from './command.ts';
import { Failure } from './failure.ts';
import { shownText } from './shown-text.ts';

/**
 * Throws unless `word` is typed. Without a terminal, with --json and with --yes nobody is asked. `what`: a
 * sentence that says what will be gone.
 */
export async function confirm(given: Given, what: string, word: string): Promise<void> {
  const isAsked = process.stdin.isTTY && process.stdout.isTTY;
  if (!isAsked || given.switched('yes') || given.switched('json')) return;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    // A name that nobody can type is typed as it is shown.
    const shown = shownText(word);
    const answer = await terminal.question(shownText(`${what} Type ${shown} to go on: `));
    if (answer.trim() !== shown) throw new Failure('Nothing was changed.');
  } finally {
    terminal.close();
  }
}
