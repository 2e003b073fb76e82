/** Properties as Java's `Properties.load` reads them back, whatever is in them. */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${escaped(name, /[\\ \t:=#!]/g)}=${escaped(value, /\\|^ /g)}\n`)
    .join('');
}

function escaped(text: string, special: RegExp): string {
  return text
    .replace(special, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replace(/[^\x20-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
