import { type Fault, fault } from './fault.ts';

/**
 * What is wrong with a resource policy; null when it can be stored. `blockPublic`: it may not let everybody
 * in.
 */
export function policyFault(text: string, blockPublic: boolean): Fault | null {
  const statements = statementsOf(text);
  if (statements === null)
    return fault(
      'MalformedPolicyDocumentException',
      'This resource policy contains a syntax error: it must be a JSON object with a Statement.',
    );
  return blockPublic && statements.some(letsEverybodyIn)
    ? fault('PublicPolicyException', 'The resource policy would let everybody read the secret.')
    : null;
}

/** Lets MSK read a secret, as MSK itself adds it when a secret is associated with a cluster. */
export function mskPolicy(secretArn: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AWSKafkaResourcePolicy',
        Effect: 'Allow',
        Principal: { Service: 'kafka.amazonaws.com' },
        Action: 'secretsmanager:getSecretValue',
        Resource: secretArn,
      },
    ],
  });
}

function statementsOf(text: string): object[] | null {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof policy !== 'object' || policy === null || !('Statement' in policy)) return null;
  const statements: unknown[] = Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement];
  return statements.every((one): one is object => typeof one === 'object' && one !== null)
    ? statements
    : null;
}

function letsEverybodyIn(statement: object): boolean {
  const { Effect, Principal, Condition }: { Effect?: unknown; Principal?: unknown; Condition?: unknown } =
    statement;
  if (Effect !== 'Allow' || Condition !== undefined) return false;
  const named = typeof Principal === 'object' && Principal !== null ? Object.values(Principal) : [Principal];
  return named.flat().includes('*');
}
