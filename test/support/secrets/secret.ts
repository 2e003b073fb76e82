import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of this run of the tests; another one beside it, on the same machine, has another. */
const RUN = process.env.MILLRACE_TEST_RUN ?? String(process.pid);
/**
 * In every password of the tests. It is nowhere else: what the environment has is the run, which it is made
 * of.
 */
const MARK = `unsaid${createHash('sha256').update(`mark of ${RUN}`).digest('hex').slice(0, 18)}`;
/** The mark as it is in base64, wherever it begins in a group of three bytes. */
const FORMS = [MARK, ...[0, 1, 2].map((before) => inBase64(before))];
const NAMED = new RegExp(`${MARK}-([a-z0-9]+(?:-[a-z0-9]+)*)`);

/** Where it stands what was found. */
export const FOUND_FILE = join(tmpdir(), `millrace-said-${RUN}`);

/**
 * A password of a test, which nothing of Millrace may say: no log, no output, no data folder, no arguments,
 * no environment. All of them are looked through while the tests run, and the end of the run fails when one
 * had it. `name` in small letters, digits and dashes.
 */
export function secret(name: string): string {
  return `${MARK}-${name}`;
}

/** Looks for every secret in what something said, and remembers where it was found. */
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

/** As many bytes as a secret that is cut in two has at most in its first part. */
export const LONGEST_PART = Math.max(...FORMS.map((form) => form.length));

function inBase64(before: number): string {
  const text = Buffer.from('x'.repeat(before) + MARK).toString('base64');
  // What depends on the bytes around it is left out.
  return text.slice(before === 0 ? 0 : 4, -4);
}
