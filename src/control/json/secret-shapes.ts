import { list, oneOf, optional, type Shape, string, structure } from '../api/shape.ts';
import type { SecretValue } from '../state/secret.ts';
import { type Fault, fault } from './fault.ts';

export const SECRET_ID = string({ min: 1, max: 2048 });
export const TOKEN = optional(string({ min: 32, max: 64 }));
export const STAGE = string({ min: 1, max: 256 });
export const POLICY = string({ min: 1, max: 20_480 });
/** A secret has one policy. */
export const POLICY_NAME = optional(oneOf('default'));
/** Of who rotates a secret. Nothing rotates here, so whoever puts a value needs none. */
export const ROTATION_TOKEN = optional(
  string({
    min: 36,
    max: 256,
    pattern: /^[a-zA-Z0-9-]+$/,
    says: 'may have letters, digits and hyphens',
  }),
);

/** Bytes of a value. */
const LONGEST_VALUE = 65_536;
/** In base64. */
const LONGEST_BINARY = Math.ceil(LONGEST_VALUE / 3) * 4;

export const VALUE = {
  SecretString: optional(string({ min: 1, max: LONGEST_VALUE })),
  SecretBinary: optional(
    string({
      min: 1,
      max: LONGEST_BINARY,
      pattern: /^[A-Za-z0-9+/]+={0,2}$/,
      says: 'must be base64',
    }),
  ),
} as const;

const tag = structure({
  Key: string({ min: 1, max: 128, pattern: /^(?!aws:)/i, says: 'may not begin with aws:' }),
  Value: optional(string({ max: 256 })),
});
export const TAGS = list(tag, { max: 50 });
export const TAG_KEYS = list(string({ min: 1, max: 128 }), { max: 50 });

/** A member whose value does not matter, because naming it is refused. */
export const ANYTHING: Shape<unknown> = { optional: true, schema: {}, parse: (value) => value };

export function tagMap(
  tags: readonly { readonly Key: string; readonly Value?: string | undefined }[] | undefined,
): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value ?? '']));
}

/** Null when none was given. */
export function givenValue(given: {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: string | undefined;
}): SecretValue | null | Fault {
  if (given.SecretString !== undefined && given.SecretBinary !== undefined)
    return fault(
      'InvalidParameterException',
      'You must provide either SecretString or SecretBinary, not both.',
    );
  if (given.SecretString !== undefined)
    return Buffer.byteLength(given.SecretString) > LONGEST_VALUE
      ? fault('ValidationException', `SecretString must have at most ${LONGEST_VALUE} bytes`)
      : { text: given.SecretString };
  return given.SecretBinary === undefined ? null : { binary: given.SecretBinary };
}
