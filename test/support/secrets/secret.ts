import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The id of this test run; another run on the same machine has another. */
const RUN = process.env.MILLRACE_TEST_RUN ?? String(process.pid);
/**
 * A part of every password of the tests, which occurs nowhere else: the environment has only the id of the
 * run, from which it is computed.
 */
const MARK = `unsaid${createHash('sha256').update(`mark of ${RUN}`).digest('hex').slice(0, 18)}`;
/** The mark in base64, for each position in a group of three bytes at which it may begin. */
const FORMS = [MARK, ...[0, 1, 2].map((before) => inBase64(before))];
const NAMED = new RegExp(`${MARK}-([a-z0-9]+(?:-[a-z0-9]+)*)`);

/** The file that lists what was found. */
export const FOUND_FILE = join(tmpdir(), `millrace-said-${RUN}`);

/**
 * A password for a test, which Millrace may show nowhere: in no log, output, data folder, argument or
 * environment. All of these are searched while the tests run, and the run fails at its end if one had it.
 * `name` has small letters, digits and dashes.
 */
export function secret(name: string): string {
  return `${MARK}-${name}`;
}

/** Searches the output for every secret, and stores where one was found. */
export function look(where: string, said: string | Buffer): void {
  if (!FORMS.some((form) => said.includes(form))) return;
  appendFileSync(FOUND_FILE, `${nameIn(said.toString('latin1'))} in ${where}\n`);
}

function nameIn(said: string): string {
  const plain = NAMED.exec(said)?.[1];
  if (plain !== undefined) return plain;
  const texts = (said.match(/[A-Za-z0-9+/]{24,}={0,2}/g) ?? []).map((word) =>
    Buffer.from(word, 'base64').toString('latin1'),
  );
  return `${texts.flatMap((text) => NAMED.exec(text)?.[1] ?? [])[0] ?? 'a secret'} in base64`;
}

/** The most bytes that the first part of a secret cut in two can have. */
export const LONGEST_PART = Math.max(...FORMS.map((form) => form.length));

function inBase64(before: number): string {
  const text = Buffer.from('x'.repeat(before) + MARK).toString('base64');
  // The characters that depend on the neighbouring bytes are left out.
  return text.slice(before === 0 ? 0 : 4, -4);
}
