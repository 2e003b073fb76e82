import { isArnLike } from './arn-pattern.ts';
import { ipRange, isInRange } from './ip-range.ts';
import { policyDateMs } from './policy-date.ts';
import { textOf } from './value-template.ts';
import type { Wildcard } from './wildcard.ts';
import { matchesWildcard } from './wildcard-match.ts';

/** How a condition compares the value of a request with those of a policy. */
interface ConditionOperator {
  /** Whether `*` and `?` in the policy's values stand for others. */
  readonly hasWildcards: boolean;
  /** `asked`: what the request says. Null where the two cannot be compared. */
  readonly compare: (asked: string, given: Wildcard) => boolean | null;
  /** Whether a policy may have this value, if no variable is in it. */
  readonly takes: (value: string) => boolean;
  /** What values there may be, for people. */
  readonly values: string;
}

/** The operator, and whether the condition holds where the comparison does not. */
export interface NamedOperator {
  readonly operator: ConditionOperator;
  readonly isNegated: boolean;
}

const string = (compare: (asked: string, given: string) => boolean): ConditionOperator => ({
  hasWildcards: false,
  compare: (asked, given) => compare(asked, textOf(given)),
  takes: () => true,
  values: 'texts',
});

const like: ConditionOperator = {
  hasWildcards: true,
  compare: (asked, given) => matchesWildcard(given, asked),
  takes: () => true,
  values: 'texts',
};

const arn: ConditionOperator = {
  hasWildcards: true,
  compare: (asked, given) => isArnLike(given, asked),
  takes: (value) => value === '*' || value.split(':').length >= 6,
  values: 'ARNs, of which each of the six parts between colons may have * and ?',
};

const ip: ConditionOperator = {
  hasWildcards: false,
  compare(asked, given) {
    const [address, range] = [ipRange(asked), ipRange(textOf(given))];
    return address && range ? isInRange(address, range) : null;
  },
  takes: (value) => ipRange(value) !== null,
  values: 'addresses or ranges, as 10.0.0.0/8',
};

const bool: ConditionOperator = {
  hasWildcards: false,
  compare: (asked, given) => asked.toLowerCase() === textOf(given).toLowerCase(),
  takes: (value) => /^(true|false)$/i.test(value),
  values: 'true or false',
};

const number = (compare: (asked: number, given: number) => boolean): ConditionOperator => ({
  hasWildcards: false,
  compare(asked, given) {
    const [one, other] = [numberOf(asked), numberOf(textOf(given))];
    return one === null || other === null ? null : compare(one, other);
  },
  takes: (value) => numberOf(value) !== null,
  values: 'numbers',
});

const date = (compare: (asked: number, given: number) => boolean): ConditionOperator => ({
  hasWildcards: false,
  compare(asked, given) {
    const [one, other] = [policyDateMs(asked), policyDateMs(textOf(given))];
    return one === null || other === null ? null : compare(one, other);
  },
  takes: (value) => policyDateMs(value) !== null,
  values: 'dates, as 2026-01-31T00:00:00Z, or seconds since 1970',
});

const equal = (asked: unknown, given: unknown) => asked === given;
const less = (asked: number, given: number) => asked < given;
const lessOrEqual = (asked: number, given: number) => asked <= given;
const greater = (asked: number, given: number) => asked > given;
const greaterOrEqual = (asked: number, given: number) => asked >= given;

const is = (operator: ConditionOperator): NamedOperator => ({ operator, isNegated: false });
const isNot = (operator: ConditionOperator): NamedOperator => ({ operator, isNegated: true });

const ignoringCase = string((asked, given) => asked.toLowerCase() === given.toLowerCase());

/**
 * IAM's operators but Null, which asks only whether there is a value, and BinaryEquals, for which no request
 * of Kafka has a value.
 */
export const conditionOperators: ReadonlyMap<string, NamedOperator> = new Map([
  ['StringEquals', is(string(equal))],
  ['StringNotEquals', isNot(string(equal))],
  ['StringEqualsIgnoreCase', is(ignoringCase)],
  ['StringNotEqualsIgnoreCase', isNot(ignoringCase)],
  ['StringLike', is(like)],
  ['StringNotLike', isNot(like)],
  ['NumericEquals', is(number(equal))],
  ['NumericNotEquals', isNot(number(equal))],
  ['NumericLessThan', is(number(less))],
  ['NumericLessThanEquals', is(number(lessOrEqual))],
  ['NumericGreaterThan', is(number(greater))],
  ['NumericGreaterThanEquals', is(number(greaterOrEqual))],
  ['DateEquals', is(date(equal))],
  ['DateNotEquals', isNot(date(equal))],
  ['DateLessThan', is(date(less))],
  ['DateLessThanEquals', is(date(lessOrEqual))],
  ['DateGreaterThan', is(date(greater))],
  ['DateGreaterThanEquals', is(date(greaterOrEqual))],
  ['Bool', is(bool)],
  ['IpAddress', is(ip)],
  ['NotIpAddress', isNot(ip)],
  ['ArnEquals', is(arn)],
  ['ArnLike', is(arn)],
  ['ArnNotEquals', isNot(arn)],
  ['ArnNotLike', isNot(arn)],
]);

function numberOf(text: string): number | null {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}
