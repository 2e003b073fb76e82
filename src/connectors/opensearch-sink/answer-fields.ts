/** The members of a JSON object; none of anything else. */
export function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** What an error of OpenSearch says: its type, its reason, and those of its cause. */
export function errorText(error: unknown): string {
  if (typeof error === 'string') return error;
  const { type, reason, caused_by: cause } = fields(error);
  const said = [type, reason].filter((part) => typeof part === 'string').join(': ');
  return cause === undefined ? said : `${said}, caused by ${errorText(cause)}`;
}
