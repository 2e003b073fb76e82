import type { IamMechanism } from '../../src/security/iam/iam-sign-in.ts';

/** What the signature covers, by the names of AWS_MSK_IAM, and the signature itself. */
const SIGNED = [
  'action',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signedheaders',
  'x-amz-signature',
];

/**
 * The host that a message is for, and everything in it that is signed, as other readers read it: JSON.parse and
 * the URL of the web's standard. Null where they find no message.
 */
export function signedPartsOf(mechanism: IamMechanism, message: Buffer): readonly (string | null)[] | null {
  if (mechanism === 'AWS_MSK_IAM') {
    const members = new Map<string, unknown>(Object.entries(JSON.parse(message.toString())));
    const text = (name: string) => (members.has(name) ? String(members.get(name)) : null);
    return [text('host')?.toLowerCase() ?? null, ...SIGNED.map(text)];
  }
  const given = bearerUrlOf(message);
  if (given === null) return null;
  const url = new URL(given);
  const parameters = new Map([...url.searchParams].map(([name, value]) => [name.toLowerCase(), value]));
  return [url.host, ...SIGNED.map((name) => parameters.get(name) ?? null)];
}

/** The URL in a message of OAUTHBEARER; null where there is none. */
export function bearerUrlOf(message: Buffer): string | null {
  const token = /auth=Bearer +([\w-]+)/i.exec(message.toString('latin1'))?.[1];
  return token === undefined ? null : Buffer.from(token, 'base64url').toString('latin1');
}
