/**
 * Percent-encodes as AWS signs it: everything but the unreserved characters of RFC 3986; encodeURIComponent
 * leaves five more.
 */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A path whose `/` stay. */
export function uriEncodePath(path: string): string {
  return path.split('/').map(uriEncode).join('/');
}
