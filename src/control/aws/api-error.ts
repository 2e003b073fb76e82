/**
 * The API's errors by code, with the HTTP status and whose fault it is. SDKs retry every 5xx and 429, nothing
 * else.
 */
export const API_ERRORS = {
  BadRequestException: 400,
  ClusterConnectivityException: 409,
  ConflictException: 409,
  ControllerMovedException: 409,
  ForbiddenException: 403,
  GroupSubscribedToTopicException: 409,
  InternalServerErrorException: 500,
  KafkaRequestException: 400,
  KafkaTimeoutException: 409,
  NotControllerException: 409,
  NotFoundException: 404,
  ReassignmentInProgressException: 409,
  ServiceUnavailableException: 503,
  TooManyRequestsException: 429,
  TopicExistsException: 409,
  UnauthorizedException: 401,
  UnknownTopicOrPartitionException: 404,
} as const;

type ApiErrorCode = keyof typeof API_ERRORS;

/**
 * An error of the API is a value: the code, a sentence, and the field that is wrong (its path from the body's
 * root).
 */
export interface ApiError {
  readonly error: ApiErrorCode;
  readonly message: string;
  readonly invalidParameter?: string;
}

export function badRequest(message: string, invalidParameter?: string): ApiError {
  return {
    error: 'BadRequestException',
    message,
    ...(invalidParameter === undefined ? {} : { invalidParameter }),
  };
}

export function notFound(message: string): ApiError {
  return { error: 'NotFoundException', message };
}

export function isApiError(value: object): value is ApiError {
  return 'error' in value && typeof value.error === 'string' && value.error in API_ERRORS;
}
