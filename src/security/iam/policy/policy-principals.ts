/** Whom a statement of a trust policy is about. */
export interface PolicyPrincipals {
  /** `*`: everybody of every account; the account's whole; or an ARN. */
  readonly aws: readonly string[];
}

const ACCOUNT = /^(?:\d{12}|arn:aws(?:-[a-z]+)*:iam::\d{12}:root)$/;
const IDENTITY = /^arn:aws(?:-[a-z]+)*:(?:iam::\d{12}:(?:user|role)\/|sts::\d{12}:assumed-role\/)[^*?]+$/;

/**
 * Principals of AWS; of other kinds (Service, Federated, CanonicalUser) nobody here is one, so they are kept
 * out of the list, and a statement of them alone is about nobody.
 */
export function policyPrincipals(given: unknown): PolicyPrincipals | { readonly wrong: string } {
  if (given === '*') return { aws: ['*'] };
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { wrong: 'its Principal is missing, or neither "*" nor an object as {"AWS": "arn:…"}.' };
  const aws: string[] = [];
  for (const [kind, value] of Object.entries(given)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const one of values) {
      if (typeof one !== 'string') return { wrong: `its Principal ${kind} has what is no string.` };
      if (kind !== 'AWS') continue;
      if (one !== '*' && !ACCOUNT.test(one) && !IDENTITY.test(one))
        return {
          wrong: `its Principal AWS has ${JSON.stringify(one)}, which is no ARN of a user, role or account.`,
        };
      aws.push(one);
    }
    if (!['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(kind))
      return { wrong: `its Principal has ${JSON.stringify(kind)}, which is no kind of principal.` };
  }
  return { aws };
}

/**
 * Whether the caller is one of them: by its own ARN, by that of its user or role, or as somebody of the
 * account.
 */
export function isOneOf(
  { aws }: PolicyPrincipals,
  caller: { readonly principalArn: string; readonly identityArn: string },
): boolean {
  const account = caller.identityArn.split(':')[4] ?? '';
  return aws.some((one) => {
    if (one === '*' || one === account || one === caller.principalArn) return true;
    return one === caller.identityArn || one.endsWith(`:iam::${account}:root`);
  });
}
