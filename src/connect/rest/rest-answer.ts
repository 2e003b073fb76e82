import { API_ERRORS, type ApiError } from '../../control/aws/api-error.ts';

/** An answer of Kafka Connect's REST API. */
export interface RestAnswer {
  readonly status: number;
  /** Null for an answer without a body. */
  readonly body: unknown;
}

export interface RestRequest {
  readonly method: string;
  /** Decoded, what lies between the slashes. */
  readonly path: readonly string[];
  /** As it was sent: `expand=status&expand=info`, or empty. */
  readonly query: string;
  /** Parsed JSON; undefined where there was none. */
  readonly body: unknown;
}

/** As Kafka Connect says what is wrong. */
export function restError(status: number, message: string): RestAnswer {
  return { status, body: { error_code: status, message } };
}

export function ofApiError({ error, message }: ApiError): RestAnswer {
  return restError(API_ERRORS[error], message);
}

/** An object of strings, as a configuration is; null where it is none. A patch may have null for what it removes. */
export function configurationOf(body: unknown): Record<string, string | null> | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
  const entries = Object.entries(body);
  if (!entries.every(([, value]) => value === null || typeof value === 'string')) return null;
  return Object.fromEntries(entries);
}
