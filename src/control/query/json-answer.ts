/**
 * The answer of an operation of AWS's Query protocol as JSON, which IAM and STS give to `Accept:
 * application/json`: the members have the names that they have in XML, a date is in seconds since 1970, and
 * what is undefined or null is left out.
 */
export function jsonAnswer(action: string, result: object | null, requestId: string): string {
  return JSON.stringify({
    [`${action}Response`]: {
      ...(result ? { [`${action}Result`]: plain(result) } : {}),
      ResponseMetadata: { RequestId: requestId },
    },
  });
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date) return Math.floor(value.getTime() / 1000);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}
