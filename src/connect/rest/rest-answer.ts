import { API_ERRORS, type ApiError } from '../../control/aws/api-error.ts';

/**
 * So long an answer waits for how a change ends. Kafka Connect itself answers when it has written it down,
 * and clients are made for that: the one in Terraform's provider asks again after ten seconds, and would find
 * the connector that it has just made in its way.
 */
export const ANSWER_MS = 7_000;

/** An answer of Kafka Connect's REST API. */
export interface RestAnswer {
  readonly status: number;
  /** To be JSON, where whole numbers that a number does not keep are bigint; null: no body. */
  readonly body: unknown;
}

export interface RestRequest {
  readonly method: string;
  /** Decoded, what lies between the slashes. */
  readonly path: readonly string[];
  /** As it was sent: `expand=status&expand=info`, or empty. */
  readonly query: string;
  /** Parsed JSON, with bigint as in answers; undefined where there was none. */
  readonly body: unknown;
}

/** As Kafka Connect says what is wrong. */
export function restError(status: number, message: string): RestAnswer {
  return { status, body: { error_code: status, message } };
}

export function ofApiError({ error, message }: ApiError): RestAnswer {
  return restError(API_ERRORS[error], message);
}

/**
 * An object of strings, as a configuration is; null where it is none. A patch may have null for what it
 * removes. As Kafka Connect does it takes numbers and true or false for their texts.
 */
export function configurationOf(body: unknown): Record<string, string | null> | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
  const entries = Object.entries(body);
  if (
    !entries.every(
      ([, value]) => value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value),
    )
  )
    return null;
  return Object.fromEntries(entries.map(([name, value]) => [name, value === null ? null : String(value)]));
}
