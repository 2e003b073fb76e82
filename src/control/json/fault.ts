/**
 * The errors of Secrets Manager and KMS by code, with their HTTP status. SDKs retry every 5xx, nothing else.
 */
export const FAULTS = {
  AlreadyExistsException: 400,
  EncryptionFailure: 400,
  ForbiddenException: 403,
  InternalServiceError: 500,
  InvalidAliasNameException: 400,
  InvalidArnException: 400,
  InvalidMarkerException: 400,
  InvalidNextTokenException: 400,
  InvalidParameterException: 400,
  InvalidRequestException: 400,
  KMSInvalidStateException: 400,
  LimitExceededException: 400,
  MalformedPolicyDocumentException: 400,
  NotFoundException: 400,
  PublicPolicyException: 400,
  ResourceExistsException: 400,
  ResourceNotFoundException: 400,
  SerializationException: 400,
  ServiceUnavailableException: 503,
  UnknownOperationException: 400,
  UnsupportedOperationException: 400,
  ValidationException: 400,
} as const;

export type FaultCode = keyof typeof FAULTS;

/**
 * An error of these two services is a value: the code, and a sentence in AWS's words where they are known.
 */
export interface Fault {
  readonly fault: FaultCode;
  readonly message: string;
}

export function fault(code: FaultCode, message: string): Fault {
  return { fault: code, message };
}

export function isFault(value: object): value is Fault {
  return 'fault' in value && typeof value.fault === 'string' && value.fault in FAULTS;
}
