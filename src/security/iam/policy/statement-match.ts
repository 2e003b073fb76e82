import { KAFKA_ACTION_NAMES, qualified } from '../kafka-actions.ts';
import { arnInSegments, describesArn } from './arn-pattern.ts';
import { holds } from './condition.ts';
import { isKnownKey } from './condition-keys.ts';
import type { PolicyStatement } from './policy-statement.ts';
import { expand, type RequestContext } from './value-template.ts';
import { matchesWildcard } from './wildcard-match.ts';

/** What is asked of policies. */
export interface PolicyRequest {
  /** `kafka-cluster:ReadData`; its case does not matter. */
  readonly action: string;
  /** An ARN. */
  readonly resource: string;
  readonly context: RequestContext;
}

/**
 * Whether the statement decides about the request: what cannot be said is yes for a Deny, and no for an
 * Allow.
 */
export function matchesStatement(statement: PolicyStatement, request: PolicyRequest): boolean {
  if (!isAboutAction(statement, request.action)) return false;
  const isDeny = statement.effect === 'Deny';
  if (!(isAboutResource(statement, request) ?? isDeny)) return false;
  return statement.conditions.every((condition) => holds(condition, request.context) ?? isDeny);
}

function isAboutAction({ actions }: PolicyStatement, action: string): boolean {
  const name = action.toLowerCase();
  return actions.patterns.some((pattern) => matchesWildcard(pattern, name)) !== actions.isNot;
}

/** Whether there is an action of `kafka-cluster` that the statement is about. */
export function mayBeAboutKafka(statement: PolicyStatement): boolean {
  return KAFKA_ACTION_NAMES.some((name) => isAboutAction(statement, qualified(name)));
}

/** Null where that cannot be said. */
function isAboutResource(
  { effect, resources }: PolicyStatement,
  { resource, context }: PolicyRequest,
): boolean | null {
  if (!resources) return true;
  const { isNot, patterns, variables } = resources;
  if (variables.some((key) => !isKnownKey(key))) return null;
  const arn = arnInSegments(resource);
  let isDescribed = false;
  let isUnclear = false;
  for (const template of patterns) {
    const pattern = expand(template, context);
    if (pattern === null) isUnclear = true;
    // What a Deny names, and what an Allow leaves out, must not be missed.
    else if (describesArn(pattern, arn, { isWide: (effect === 'Deny') !== isNot })) isDescribed = true;
  }
  if (isDescribed) return !isNot;
  // No resource is named after a variable without a value. Whether one is left out for it cannot be said.
  if (isUnclear && isNot) return null;
  return isNot;
}
