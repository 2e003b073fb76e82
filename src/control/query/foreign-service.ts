const HERE = 'MSK, MSK Connect, Secrets Manager, KMS and what clients of MSK need of IAM and STS';

/**
 * The service that a request is signed for, from the scope of its signature in the header of this name:
 * date/region/service/aws4_request. Empty where nobody signed.
 */
export function signedService(authorization: string | undefined): string {
  const [, credential = ''] = /Credential=([^,\s]*)/.exec(authorization ?? '') ?? [];
  const [, service = ''] = /\/([a-z0-9-]{1,64})\/aws4_request$/.exec(credential) ?? [];
  return service;
}

/** For whoever gave all of AWS's services one address. `what`: the operation, or the request itself. */
export function notHere(what: string, service: string): string {
  const of = service === '' ? '' : ` of ${service}`;
  return `${what.slice(0, 200)}${of} is not here: this address has ${HERE}. Name it for these services alone, as with AWS_ENDPOINT_URL_KAFKA.`;
}

/** An error in the form of S3. */
export function s3Error(message: string, requestId: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NotImplemented</Code><Message>${escaped(message)}</Message><RequestId>${requestId}</RequestId></Error>`;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
