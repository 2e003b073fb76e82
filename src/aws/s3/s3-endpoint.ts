import { uriEncodePath } from '../signing/uri-encode.ts';

/** Where S3 is. */
export interface S3Endpoint {
  readonly region: string;
  /** Of a server that speaks S3's protocol, as `http://127.0.0.1:9000`; without it AWS's of the region. */
  readonly endpoint?: string;
  /**
   * `path`: the bucket is the first part of the path. By default of an endpoint, and of buckets whose name
   * has a dot, which a certificate cannot cover.
   */
  readonly addressing?: 'path' | 'virtual-host';
}

export interface S3Address {
  readonly origin: URL;
  /** Percent-encoded. */
  readonly path: string;
}

/** A problem with an endpoint in words, or null. */
export function endpointProblem(endpoint: string): string | null {
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch {
    return `"${endpoint}" is no URL: say it as http://HOST:PORT or https://HOST`;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return `"${endpoint}" begins with ${url.protocol}//, and S3 is spoken over http:// or https://`;
  if (url.username || url.password) return `"${url.host}" must not have credentials in its URL`;
  if (url.search || url.hash) return `"${endpoint}" must end with its host and path`;
  return null;
}

/** Throws TypeError when the endpoint is no URL: `endpointProblem` says so before. */
export function s3Address(location: S3Endpoint, bucket: string, key: string): S3Address {
  const virtual =
    (location.addressing ??
      (location.endpoint === undefined && !bucket.includes('.') ? 'virtual-host' : 'path')) ===
    'virtual-host';
  const origin = new URL(location.endpoint ?? awsEndpoint(location.region));
  const base = origin.pathname.replace(/\/$/, '');
  if (virtual) origin.hostname = `${bucket}.${origin.hostname}`;
  const parts = virtual ? [key] : key === '' ? [bucket] : [bucket, key];
  return { origin, path: `${base}/${uriEncodePath(parts.join('/'))}` };
}

function awsEndpoint(region: string): string {
  return `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}
