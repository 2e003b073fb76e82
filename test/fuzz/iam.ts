import { type Random, Sfc32 } from '../../src/base/random.ts';
import { parseDirectory } from '../../src/security/iam/directory-file.ts';
import { IAM_MECHANISMS, type IamMechanism, IamSignIn } from '../../src/security/iam/iam-sign-in.ts';
import * as known from '../../src/security/iam/testing/known-identities.ts';
import {
  bearerMessage,
  bearerMessageOf,
  mskIamMessage,
} from '../../src/security/iam/testing/signed-messages.ts';
import { alterBytes } from './alterations.ts';
import type { FuzzOutcome } from './fuzz.ts';
import { bearerUrlOf, signedPartsOf } from './iam-signed-parts.ts';
import { endsAfter } from './run-length.ts';
import { pick } from './sign-in-frames.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const HOST = 'localhost';
/** The number of attempts between two looks at the clock. */
const ROUND = 500;
const VALUES = [
  '',
  '0',
  '-1',
  '900',
  '901',
  '9e2',
  'host',
  'host;x-amz-date',
  'kafka-cluster:*',
  'AWS4-HMAC-SHA256',
  'none',
  HOST,
  'LOCALHOST.',
  known.ALICE,
  known.KEY.accessKeyId,
  '\ud800',
  '\u0000',
  '__proto__',
  '%00',
  '0'.repeat(64),
  'x'.repeat(20_000),
];

/** A message with which somebody may sign in. */
interface Original {
  readonly mechanism: IamMechanism;
  readonly message: Buffer;
  readonly principal: string;
}

/**
 * Messages of both mechanisms of IAM that are nearly right: altered, or put together from two that are. Who
 * is let in has said what AWS's own signer signed for that very principal, and nothing else.
 */
export async function fuzzIam(seed: number, durationMs: number): Promise<FuzzOutcome> {
  const random = new Sfc32(seed);
  const directory = parseDirectory(known.identitiesText());
  const signIn = new IamSignIn({
    ...{ directory: () => directory, hosts: new Set([HOST]), now: () => NOW, random },
    ...{ denial: () => null, refused: () => {} },
  });
  const originals = await originalsOf();
  const principals = new Map(originals.map((one) => [partsOf(one.mechanism, one.message), one.principal]));
  const failures: string[] = [];
  let requests = 0;
  const attempt = (mechanism: IamMechanism, message: Buffer): void => {
    requests++;
    try {
      const step = signIn.step(mechanism, message, '127.0.0.1');
      if ('message' in step) return;
      if (principals.get(partsOf(mechanism, message)) !== step.identity.principalArn)
        failures.push(
          `${step.identity.principalArn} was let in by ${mechanism} with ${message.toString('hex')}`,
        );
    } catch (error) {
      failures.push(`${String(error)} at ${mechanism} with ${message.toString('hex').slice(0, 4000)}`);
    }
  };
  const isOver = endsAfter(durationMs);
  while (!isOver(requests) && failures.length === 0) {
    for (const { mechanism, message } of originals)
      if ('message' in signIn.step(mechanism, message, '127.0.0.1'))
        failures.push(`${mechanism}: nobody comes in`);
    for (let i = 0; i < ROUND && failures.length === 0; i++) {
      const { mechanism, message } = pick(originals, random);
      attempt(
        random.uint32() % 50 === 0 ? pick(IAM_MECHANISMS, random) : mechanism,
        altered(mechanism, message, originals, random),
      );
    }
  }
  return { requests, failures };
}

async function originalsOf(): Promise<Original[]> {
  const sessions = [
    [known.KEY, known.ALICE],
    [known.temporaryKey(NOW + 900_000), known.NIGHTLY],
    [
      known.temporaryKey(NOW + 1_800_000, { principalArn: `${known.NIGHTLY}2`, sessionPolicy: '{}' }),
      `${known.NIGHTLY}2`,
    ],
  ] as const;
  const both = sessions.map(async ([key, principal]): Promise<Original[]> => {
    const toSign = { ...key, region: known.REGION, at: NOW };
    return [
      { mechanism: 'AWS_MSK_IAM', message: await mskIamMessage({ ...toSign, host: HOST }), principal },
      {
        mechanism: 'OAUTHBEARER',
        message: await bearerMessage({ ...toSign, host: `kafka.${known.REGION}.amazonaws.com` }),
        principal,
      },
    ];
  });
  return (await Promise.all(both)).flat();
}

function partsOf(mechanism: IamMechanism, message: Buffer): string {
  return JSON.stringify(signedPartsOf(mechanism, message));
}

function altered(
  mechanism: IamMechanism,
  message: Buffer,
  originals: readonly Original[],
  random: Random,
): Buffer {
  if (random.uint32() % 4 === 0) return alterBytes(message, random, 0);
  const other = pick(
    originals.filter((one) => one.mechanism === mechanism),
    random,
  ).message;
  if (mechanism === 'AWS_MSK_IAM') {
    const members = alteredPairs(pairsOf(message), pairsOf(other), random);
    const text = members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',');
    return Buffer.from(`{${text}}`);
  }
  const [url, otherUrl] = [message, other].map((one) => new URL(bearerUrlOf(one) ?? ''));
  const pairs = alteredPairs([...(url?.searchParams ?? [])], [...(otherUrl?.searchParams ?? [])], random);
  const query = pairs.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join('&');
  const origin =
    random.uint32() % 8 === 0 ? pick(['http://localhost', 'https://sts.amazonaws.com'], random) : url?.origin;
  const bytes = bearerMessageOf(`${origin}/?${query}`);
  return random.uint32() % 4 === 0 ? alterBytes(bytes, random, 0) : bytes;
}

/** One or two of the pairs changed, removed, doubled, moved, or exchanged for those of another message. */
function alteredPairs(
  pairs: readonly (readonly [string, string])[],
  others: readonly (readonly [string, string])[],
  random: Random,
): (readonly [string, string])[] {
  const next = [...pairs];
  for (let left = 1 + (random.uint32() % 2); left > 0; left--) {
    const at = random.uint32() % Math.max(next.length, 1);
    const [name = '', value = ''] = next[at] ?? [];
    switch (random.uint32() % 7) {
      case 0:
        next[at] = [name, pick(VALUES, random)];
        break;
      case 1:
        next.splice(at, 1);
        break;
      case 2:
        next.splice(at, 0, [name, value]);
        break;
      case 3:
        next.push(...next.splice(at, 1));
        break;
      case 4:
        next.splice(at, 0, [pick(VALUES, random), value]);
        break;
      case 5:
        next[at] = [name.toUpperCase(), value];
        break;
      default:
        next[at] = pick(others, random);
    }
  }
  return next;
}

function pairsOf(message: Buffer): [string, string][] {
  const parsed: Record<string, string> = JSON.parse(message.toString());
  return Object.entries(parsed);
}

function escaped(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}
