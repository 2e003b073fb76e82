/** The errors of IAM and STS by code, with their HTTP status. SDKs retry every 5xx. */
export const QUERY_ERRORS = {
  AccessDenied: 403,
  DeleteConflict: 409,
  EntityAlreadyExists: 409,
  ExpiredToken: 403,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  InvalidInput: 400,
  LimitExceeded: 409,
  MalformedPolicyDocument: 400,
  NoSuchEntity: 404,
  PackedPolicyTooLarge: 400,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  ValidationError: 400,
} as const;

export type QueryErrorCode = keyof typeof QUERY_ERRORS;

/**
 * An error of these two services is a value: the code, and a sentence in AWS's words where they are known.
 */
export class QueryError {
  readonly code: QueryErrorCode;
  readonly message: string;

  constructor(code: QueryErrorCode, message: string) {
    this.code = code;
    this.message = message;
  }
}
