/** As Java splits: empty texts at the end are no parts. */
export function javaSplit(text: string, by: string): readonly string[] {
  const parts = text.split(by);
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts;
}
