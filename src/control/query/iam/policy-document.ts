import { QueryError } from '../query-error.ts';

/** Why a document is no policy; null when it is one. */
export function wrongPolicy(document: string): QueryError | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch (error) {
    if (error instanceof SyntaxError) return malformed('This policy is not JSON.');
    throw error;
  }
  return typeof parsed === 'object' && parsed !== null && 'Statement' in parsed
    ? null
    : malformed('A policy is a JSON object with a Statement.');
}

function malformed(message: string): QueryError {
  return new QueryError('MalformedPolicyDocument', message);
}

/** The same of a document that says who may assume a role. */
export function wrongTrustPolicy(document: string): QueryError | null {
  return wrongPolicy(document);
}
