import { KNOWN_KEYS_TEXT } from './condition-keys.ts';
import { MalformedPolicy, placeText, SYNTAX } from './malformed-policy.ts';
import {
  changesWithTime,
  type PolicyKind,
  type PolicyStatement,
  policyStatement,
  unknownInStatement,
} from './policy-statement.ts';
import { repeatedName } from './repeated-name.ts';
import { mayBeAboutKafka } from './statement-match.ts';

/** A policy as IAM's grammar has it, ready to be compared with requests. */
export interface PolicyDocument {
  readonly statements: readonly PolicyStatement[];
  /** Whether what it says of a request may change with time alone. */
  readonly changesWithTime: boolean;
}

const VERSIONS = ['2012-10-17', '2008-10-17'];
/** The first version with policy variables. */
const VARIABLES_SINCE = '2012-10-17';
/** IAM takes no longer text as a parameter, whatever its white space. */
const CHARACTERS_MAX = 131_072;
/** What IAM takes as characters of a policy. */
const CHARACTERS = /^[\t\n\r\u0020-\u00ff]*$/;

/**
 * Reads a policy that somebody puts. What nobody here could obey is refused: condition operators and keys
 * that are not known, in statements that may be about Kafka. Those about other services decide nothing here.
 */
export function validatePolicy(
  text: string,
  kind: PolicyKind = 'identity',
): PolicyDocument | MalformedPolicy {
  const policy = readPolicy(text, kind);
  if (policy instanceof MalformedPolicy) return policy;
  for (const statement of policy.statements) {
    const unknown = unknownInStatement(statement);
    if (unknown === null || (kind === 'identity' && !mayBeAboutKafka(statement))) continue;
    return new MalformedPolicy(
      `${SYNTAX} ${placeText(statement)}: its Condition or Resource asks for ${unknown}, which brokers do not know. Keys that they know: ${KNOWN_KEYS_TEXT}.`,
    );
  }
  return policy;
}

/**
 * Reads a policy that is stored. Operators and keys that are not known are kept: then a Deny matches, and an
 * Allow does not.
 */
export function readPolicy(text: string, kind: PolicyKind = 'identity'): PolicyDocument | MalformedPolicy {
  const wrong = (what: string) => new MalformedPolicy(`${SYNTAX} ${what}`);
  if (text.length > CHARACTERS_MAX) return wrong(`It is longer than ${CHARACTERS_MAX} characters.`);
  if (!CHARACTERS.test(text)) return wrong('It has a character above U+00FF, or a control character.');
  const given = parsed(text);
  if (given === undefined) return wrong('It is no JSON.');
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return wrong('It is no object with a Version and a Statement.');
  const twice = repeatedName(text);
  if (twice !== null) return wrong(`An object in it has ${JSON.stringify(twice)} twice.`);
  const members = new Map<string, unknown>(Object.entries(given));
  const stranger = [...members.keys()].find((name) => !['Version', 'Id', 'Statement'].includes(name));
  if (stranger !== undefined)
    return wrong(`It has ${JSON.stringify(stranger)}, which is none of Version, Id and Statement.`);
  const version = members.get('Version') ?? '2008-10-17';
  if (typeof version !== 'string' || !VERSIONS.includes(version))
    return wrong(`Its Version is ${JSON.stringify(version)}, and has to be "2012-10-17" or "2008-10-17".`);
  if (members.has('Id') && typeof members.get('Id') !== 'string') return wrong('Its Id is no string.');
  const list = members.get('Statement');
  const all = Array.isArray(list) ? list : [list];
  if (list === undefined || all.length === 0) return wrong('It has no Statement.');
  const statements: PolicyStatement[] = [];
  const sids = new Set<string>();
  for (const [index, one] of all.entries()) {
    const statement = policyStatement(one, index + 1, { kind, hasVariables: version === VARIABLES_SINCE });
    if (statement instanceof MalformedPolicy) return statement;
    const { sid } = statement;
    if (sid !== null && sids.has(sid))
      return new MalformedPolicy(
        `Statement IDs (SID) in a single policy must be unique. ${placeText(statement)}: an earlier one has its Sid.`,
      );
    if (sid !== null) sids.add(sid);
    statements.push(statement);
  }
  return { statements, changesWithTime: statements.some(changesWithTime) };
}

/** Undefined where the text is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
